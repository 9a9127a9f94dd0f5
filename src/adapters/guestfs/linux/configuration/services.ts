import type { LinuxInspection } from '../../../../core/inspection.ts'
import type { Edit, Guest, Repair } from '../repair.ts'
import { runTool } from '../run-tool.ts'

/** Services that start with the guest, or do not, by the guest's own tool: all of them work in a system that does not run. */
export const services: Repair = {
  name: 'services',
  async detect(guest) {
    const { enable = [], disable = [] } = guest.request.configuration?.services ?? {}
    const edits: Edit[] = []
    for (const unit of enable) edits.push(...(await editOf(guest, unit, true)))
    for (const unit of disable) edits.push(...(await editOf(guest, unit, false)))
    return edits
  },
}

async function editOf({ tree, linux }: Guest, unit: string, on: boolean): Promise<readonly Edit[]> {
  const tool = toolOf(linux, unit)
  // Not every tool can be told that a name is no option.
  if (!tool || unit.startsWith('-')) {
    const summary = tool ? 'no service is called so' : 'it is not known what starts services in this guest'
    return [{ kind: 'leave', subject: unit, summary, severity: 'warning' }]
  }
  const { exitCode, output } = await tree.run(tool.ask)
  const isOn = exitCode === 0 && tool.says.test(output)
  if (isOn === on || (!on && tool.missing.test(output))) return []
  return [
    {
      kind: 'act',
      subject: unit,
      summary: on ? 'enabled' : 'disabled',
      touches: [],
      async perform() {
        await runTool(tree, on ? tool.enable : tool.disable)
        return undefined
      },
    },
  ]
}

interface ServiceTool {
  readonly ask: readonly string[]
  /** What its answer holds for one that is on, and for one that there is not. */
  readonly says: RegExp
  readonly missing: RegExp
  readonly enable: readonly string[]
  readonly disable: readonly string[]
}

function toolOf({ init, packageSystem }: LinuxInspection, unit: string): ServiceTool | undefined {
  // Names of units may end in `.service`; those of the others do not.
  const name = unit.replace(/\.service$/, '')
  switch (init) {
    case 'systemd':
      return {
        ask: ['systemctl', 'is-enabled', '--', unit],
        says: /^enabled$/m,
        missing: /No such file|not-found|Failed to get unit file state/i,
        enable: ['systemctl', 'enable', '--', unit],
        disable: ['systemctl', 'disable', '--', unit],
      }
    case 'openrc':
      return {
        ask: ['rc-update', 'show', 'default'],
        says: new RegExp(`^\\s*${escaped(name)}\\s*\\|`, 'm'),
        missing: /(?!)/,
        enable: ['rc-update', 'add', name, 'default'],
        disable: ['rc-update', 'delete', name, 'default'],
      }
    case 'sysvinit':
      if (packageSystem !== 'rpm') return undefined
      return {
        ask: ['chkconfig', '--list', name],
        says: /\b3:on\b/,
        missing: /No such file|error reading/i,
        enable: ['chkconfig', name, 'on'],
        disable: ['chkconfig', name, 'off'],
      }
    case 'unknown':
      return undefined
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
