import { printable } from '../../core/printable.ts'
import { sameFile } from '../../core/image.ts'
import { publishInput } from '../publish-input.ts'
import { stage } from '../stage.ts'

/** Makes the machine usable on its target. */
export const publish = stage({
  name: 'publish',
  version: 1,
  after: ['convert', 'validate'],
  describe({ target, nics }) {
    const networks = nics.map(({ sourceNetwork, attach, mac }) => {
      const from = sourceNetwork === undefined ? '' : `"${printable(sourceNetwork)}" -> `
      return `${from}${attach.kind} ${printable(attach.name)} (${mac})`
    })
    return [`${printable(target.directory)}/domain.xml`, ...networks].join(', ')
  },
  input: ({ machine }, _upstream, context) => publishInput(machine, context.workspace),
  broken({ domain }, { files }) {
    const now = files.identities([domain.path])[0]
    return sameFile(domain, now) ? undefined : `${domain.path} ${now ? 'changed' : 'is missing'}`
  },
  run: (input, { target }, work) => target.publish(input, work),
})
