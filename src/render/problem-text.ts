import { printable, printableSentence } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'

/** A problem as compilers print it: place, severity, code, what is wrong; the hint on a line of its own. */
export function problemText(problem: Problem): string {
  const place = problem.at ? `${placeText(problem.at)} ` : problem.address ? `${problem.address} ` : ''
  const subject = problem.at && problem.address ? `${problem.address}: ` : ''
  return [
    `${place}${problem.severity} ${problem.code}: ${subject}${printableSentence(problem.summary)}`,
    ...(problem.detail ? [`  ${printableSentence(problem.detail)}`] : []),
    ...(problem.hint ? [`  -> ${printableSentence(problem.hint)}`] : []),
  ].join('\n')
}

/** `file:line:column`, as far as it is known. */
export function placeText({ file, line, column }: NonNullable<Problem['at']>): string {
  return [printable(file), line, column].filter((part) => part !== undefined).join(':')
}
