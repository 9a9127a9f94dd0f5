import { addressOf, parseAddress } from '../core/address.ts'
import { globMatcher } from '../core/glob.ts'
import { problem } from '../core/problem.ts'
import type { StageName } from '../core/stage-names.ts'

/** Which machines a command is about. */
export interface Selection {
  /** Addresses or globs of names; empty means all. */
  readonly only: readonly string[]
  readonly exclude: readonly string[]
  /** Of those only the machines of this wave. */
  readonly wave?: string
  /** Addresses that run again although nothing changed: a stage and those after it, or a whole machine. */
  readonly redo: readonly string[]
}

/**
 * Which of `names` are selected.
 * @throws ProblemError ADDRESS_UNKNOWN for a pattern that fits none
 */
export function select(names: readonly string[], { only, exclude }: Pick<Selection, 'only' | 'exclude'>): Set<string> {
  const matching = (patterns: readonly string[]) =>
    patterns.flatMap((pattern) => {
      const { machine, stage } = parseAddress(pattern)
      if (stage !== undefined) {
        throw problem('USAGE', `${addressOf(machine, stage)}: machines are chosen, not stages`, {
          hint: addressOf(machine),
        })
      }
      const matches = addressMatcher(machine)
      const found = names.filter(matches)
      if (found.length > 0) return found
      throw problem('ADDRESS_UNKNOWN', `${addressOf(machine)}: no machine of git or of the state is called so`, {
        hint: 'h2k state list, or look into manifests/',
      })
    })
  const selected = new Set(only.length > 0 ? matching(only) : names)
  for (const name of matching(exclude)) selected.delete(name)
  return selected
}

/** Whether a stage is to be redone: `machine.web01` means all of its stages, `machine.web01/convert` that one. */
export function isRedone(redo: readonly string[], machine: string, stage: StageName): boolean {
  return redo.map(parseAddress).some((address) => {
    return addressMatcher(address.machine)(machine) && (address.stage === undefined || address.stage === stage)
  })
}

// `*` and `?` only: a bracket in an address is the one in the machine's name.
function addressMatcher(pattern: string): (name: string) => boolean {
  return globMatcher(pattern.replaceAll('[', '[[]'))
}
