import { addressOf } from '../core/address.ts'
import { countDeeds, type PlannedDeed } from '../core/planned-deed.ts'
import { printable } from '../core/printable.ts'
import { problemText } from './problem-text.ts'
import { type Style, styled } from './style.ts'

const symbols: Readonly<Record<PlannedDeed['standing'], { readonly mark: string; readonly style: Style }>> = {
  acts: { mark: '>', style: 'cyan' },
  waits: { mark: '.', style: 'yellow' },
  refused: { mark: '!', style: 'red' },
  nothing: { mark: '=', style: 'dim' },
}

/** What a command would do with machines, as a reviewer reads it; `what` is its noun, such as `Cutover`. */
export function deedsText(what: string, planned: readonly PlannedDeed[], color: boolean): string {
  const paint = styled(color)
  const { acts, waits, refused, nothing } = countDeeds(planned)
  const counts = [
    `${acts} to do`,
    ...(waits > 0 ? [`${waits} waiting`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(nothing > 0 ? [`${nothing} done before`] : []),
  ]
  return [...planned.flatMap((deed) => deedLines(deed, paint)), `${what}: ${counts.join(', ')}.`].join('\n')
}

function deedLines({ name, standing, head, lines, problems }: PlannedDeed, paint: ReturnType<typeof styled>): string[] {
  const { mark, style } = symbols[standing]
  const width = Math.max(0, ...lines.map(([part]) => part.length))
  return [
    `${paint(style, mark)} ${paint('bold', `${addressOf(name)} ${printable(head)}`)}`,
    ...lines.map(([part, does]) => `    ${part.padEnd(width)}  ${does}`),
    ...problems.flatMap((problem) =>
      problemText(problem)
        .split('\n')
        .map((line) => `    ${paint('red', line)}`),
    ),
    '',
  ]
}
