import type { Guest, LeaveEdit, Repair, WriteEdit } from './repair.ts'
import { namingOf, stableDevice } from './stable-device.ts'

const path = '/etc/fstab'

/** Devices by UUID; what only VMware can mount does not keep the guest from booting. fstab(5) */
export const fstab: Repair = {
  name: 'fstab',
  async detect({ tree, inspection, request }) {
    const before = await tree.read(path)
    if (before === undefined || request.fstabMode === 'noop') return []
    const summaries: string[] = []
    const left: LeaveEdit[] = []
    const lines = before.split('\n').map((line, index) => {
      const fields = /^(\s*)([^\s#]\S*)(\s+\S+\s+)(\S+)(.*)$/.exec(line)
      if (!fields) return line
      const [, indent = '', spec = '', mountpoint = '', type = '', rest = ''] = fields
      if (request.fstabMode === 'stabilize-all' && /^(?:fuse\.)?vmhgfs/.test(type)) {
        const optional = withOption(rest, 'nofail')
        if (optional !== rest) summaries.push(`${mountpoint.trim()} nofail: KVM has no shared folders of VMware`)
        return indent + spec + mountpoint + type + optional
      }
      const naming = namingOf(spec)
      if (naming === undefined || (request.fstabMode === 'bypath-only' && naming !== 'by-path')) return line
      const stable = stableDevice(inspection, spec, type)
      if (stable.kind === 'uuid') {
        summaries.push(`${spec} -> ${stable.spec}`)
        return indent + stable.spec + mountpoint + type + rest
      }
      if (stable.kind === 'unknown') {
        const summary = `${spec} stays: ${stable.why}`
        left.push({ kind: 'leave', subject: `${path}:${index + 1}`, summary, severity: 'warning' })
      }
      return line
    })
    const content = lines.join('\n')
    if (content === before) return left
    return [{ kind: 'write', path, content, summary: summaries.join(', ') }, ...left]
  },
}

/** The devices that crypttab(5) and the image for a hibernated system name. */
export const otherTables: Repair = {
  name: 'crypttab',
  async detect(guest) {
    if (guest.request.fstabMode === 'noop') return []
    return [...(await crypttab(guest)), ...(await resume(guest))]
  },
}

async function crypttab({ tree, inspection, request }: Guest): Promise<readonly (WriteEdit | LeaveEdit)[]> {
  const table = '/etc/crypttab'
  const before = (await tree.read(table)) ?? ''
  const summaries: string[] = []
  const left: LeaveEdit[] = []
  const content = before.replace(/^(\s*[^\s#]\S*\s+)(\S+)/gm, (line, name: string, spec: string) => {
    const naming = namingOf(spec)
    if (naming === undefined || (request.fstabMode === 'bypath-only' && naming !== 'by-path')) return line
    const stable = stableDevice(inspection, spec)
    if (stable.kind === 'uuid') {
      summaries.push(`${spec} -> ${stable.spec}`)
      return name + stable.spec
    }
    if (stable.kind === 'unknown') {
      left.push({ kind: 'leave', subject: table, summary: `${spec} stays: ${stable.why}`, severity: 'warning' })
    }
    return line
  })
  if (content === before) return left
  return [{ kind: 'write', path: table, content, summary: summaries.join(', '), inInitramfs: true }, ...left]
}

/** initramfs-tools waits for this device for half a minute at each boot when it is not there. */
async function resume({ tree, inspection, request }: Guest): Promise<readonly WriteEdit[]> {
  const file = '/etc/initramfs-tools/conf.d/resume'
  const before = (await tree.read(file)) ?? ''
  const summaries: string[] = []
  const content = before.replace(
    /^(\s*RESUME=)(["']?)(\/dev\/[^\s"']+)\2/gm,
    (line, key: string, _quote, spec: string) => {
      const stable = stableDevice(inspection, spec, 'swap')
      if (request.fstabMode !== 'stabilize-all' || stable.kind !== 'uuid') return line
      summaries.push(`${spec} -> ${stable.spec}`)
      return key + stable.spec
    },
  )
  if (content === before) return []
  return [{ kind: 'write', path: file, content, summary: summaries.join(', '), inInitramfs: true }]
}

/** The fields of a line after the type, with one more option in the first of them. */
function withOption(rest: string, option: string): string {
  const [, space = '', options = '', others = ''] = /^(\s+)(\S+)(.*)$/.exec(rest) ?? []
  if (options === '') return `\t${option}`
  return options.split(',').includes(option) ? rest : `${space}${options},${option}${others}`
}
