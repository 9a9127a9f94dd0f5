import { addressOf } from '../core/address.ts'
import { printable } from '../core/printable.ts'

interface Machine {
  readonly name: string
  readonly own: readonly string[]
  readonly differences: readonly string[]
  readonly doubts: readonly string[]
}

/** What `h2k state import` found, and recorded where it was told to adopt it. */
export function importedText(machines: readonly Machine[], adopted: boolean, backup: string | undefined): string {
  const last = adopted
    ? backup === undefined
      ? []
      : [`The state before is in ${printable(backup)}.`]
    : ['Nothing was recorded: --adopt does that.']
  return [...machines.flatMap((machine) => machineLines(machine, adopted)), ...last].join('\n')
}

function machineLines({ name, own, differences, doubts }: Machine, adopted: boolean): readonly string[] {
  const changes = adopted ? 'The next apply changes:' : 'The next apply would change:'
  return [
    adopted ? `${addressOf(name)} is in the state now.` : `${addressOf(name)} is there.`,
    adopted
      ? 'These are h2k’s own now: it may replace them, and h2k destroy removes them:'
      : 'These would be h2k’s own:',
    ...own.map((path) => `  ${printable(path)}`),
    ...doubts.map((text) => `! ${printable(text)}; h2k apply --redo ${addressOf(name, 'convert')} copies it again.`),
    ...(differences.length === 0 ? ['As git says.'] : [changes, ...differences.map((text) => `  ${printable(text)}`)]),
  ]
}
