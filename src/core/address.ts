import { escaped, printable, unescaped } from './printable.ts'
import { problem } from './problem.ts'
import { isStageName, type RecordedName, type StageName, stageNames } from './stage-names.ts'

/** What a command line may point at: `machine.web01` or `machine.web01/convert`. */
export interface Address {
  readonly machine: string
  readonly stage?: StageName
}

/** The address of a machine, or of one of its stages or deeds, safe to print; a `/` of its name is `\u{2f}`. */
export function addressOf(machine: string, stage?: RecordedName): string {
  return `machine.${printable(machine).replaceAll('/', escaped)}${stage ? `/${stage}` : ''}`
}

/**
 * Reads an address as `addressOf` writes it; the prefix `machine.` may be left out where that is not ambiguous.
 * @throws ProblemError USAGE when a stage of that name does not exist
 */
export function parseAddress(text: string): Address {
  const name = text.startsWith('machine.') ? text.slice('machine.'.length) : text
  const slash = name.lastIndexOf('/')
  if (slash === -1) return { machine: unescaped(name) }
  const stage = name.slice(slash + 1)
  if (!isStageName(stage)) {
    throw problem('USAGE', `${printable(text)}: there is no stage "${printable(stage)}"`, {
      hint: `an address is machine.NAME or machine.NAME/STAGE; the stages are ${stageNames.join(', ')}`,
    })
  }
  return { machine: unescaped(name.slice(0, slash)), stage }
}
