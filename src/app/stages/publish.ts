import { sameFile } from '../../core/image.ts'
import { printable } from '../../core/printable.ts'
import { shownPath } from '../../core/relocate.ts'
import { publishInput } from '../publish-input.ts'
import { stage } from '../stage.ts'

/** Makes the machine usable on its target. */
export const publish = stage({
  name: 'publish',
  version: 2,
  after: ['convert', 'validate'],
  describe({ target, nics }, _usage, root) {
    const networks = nics.map(({ sourceNetwork, attach, mac, vlan }) => {
      const from = sourceNetwork === undefined ? '' : `"${printable(sourceNetwork)}" -> `
      return `${from}${attach.kind} ${printable(attach.name)}${vlan === undefined ? '' : `, vlan ${vlan}`} (${mac})`
    })
    return [`${printable(shownPath(target.directory, root))}/domain.xml`, ...networks].join('\n')
  },
  // The XML names the disks by absolute paths: elsewhere it is another one.
  input: ({ machine }, _upstream, { workspace, root }) => ({ ...publishInput(machine, workspace), root }),
  broken({ domain }, { files }) {
    const now = files.identities([domain.path])[0]
    return sameFile(domain, now) ? undefined : `${domain.path} ${now ? 'changed' : 'is missing'}`
  },
  run: (input, { target }, work) => target.publish(input, work),
})
