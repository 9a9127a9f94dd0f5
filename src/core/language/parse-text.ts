import { printable } from '../printable.ts'
import { type Problem, ProblemError } from '../problem.ts'
import { decodeText, placeOf } from './decode-text.ts'
import { jsonFault } from './json-fault.ts'
import { parseYaml } from './parse-yaml.ts'
import type { TextFault } from './text-fault.ts'

// Nobody reads on after so many; most come of the first.
const maxFaults = 20

/**
 * Parses a file of the workspace to plain data, without positions: those are looked up only when there is something to
 * say. JSON by its name, else YAML 1.2.
 * @throws ProblemError SYNTAX, ENCODING, FILE_TOO_LARGE, KEY_UNKNOWN, at line and column
 */
export function parseText(content: Uint8Array, file: string): unknown {
  const text = decodeText(content, file)
  if (file.endsWith('.json')) {
    const fault = jsonFault(text)
    if (fault) throw refusal([fault], text, file)
    return JSON.parse(text)
  }
  const parsed = parseYaml(text)
  if ('faults' in parsed) throw refusal(parsed.faults, text, file)
  return parsed.value
}

function refusal(faults: readonly TextFault[], text: string, file: string): ProblemError {
  const inOrder = faults.toSorted((a, b) => a.offset - b.offset).slice(0, maxFaults)
  return new ProblemError(
    inOrder.map(({ offset, summary, ...rest }): Problem => {
      return {
        severity: 'error',
        code: 'SYNTAX',
        summary: printable(summary.slice(0, 200)),
        ...rest,
        at: placeOf(text, offset, file),
      }
    }),
  )
}
