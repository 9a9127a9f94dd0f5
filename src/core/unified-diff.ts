/**
 * Lines that differ, in the form of `diff -u`; empty for equal texts with one name. `context`: unchanged lines around each
 * change. `to`: the file's name after it, when it is another one.
 */
export function unifiedDiff(
  path: string,
  before: string | undefined,
  after: string | undefined,
  context = 3,
  to = path,
): string {
  if (before === after && path === to) return ''
  const steps = numbered(stepsBetween(linesOf(before), linesOf(after)))
  const hunks = hunksOf(steps, context).map((hunk) => {
    const first = hunk[0] as NumberedStep
    const count = (mark: '-' | '+') => hunk.filter((step) => step.mark === ' ' || step.mark === mark).length
    const range = (line: number, lines: number) =>
      lines === 1 ? `${line}` : `${lines === 0 ? line - 1 : line},${lines}`
    const header = `@@ -${range(first.from, count('-'))} +${range(first.to, count('+'))} @@`
    return [header, ...hunk.map(({ mark, line }) => mark + line)].join('\n')
  })
  const names = [
    before === undefined ? '--- /dev/null' : `--- a${path}`,
    after === undefined ? '+++ /dev/null' : `+++ b${to}`,
  ]
  return [...names, ...hunks, ''].join('\n')
}

interface Step {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

interface NumberedStep extends Step {
  /** The line of each file, from 1, that it is or stands before. */
  readonly from: number
  readonly to: number
}

// Beyond it, the lines in the middle are shown as removed and added: comparing them would take too long.
const maxCells = 4_000_000

function linesOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return []
  return text.endsWith('\n') ? text.slice(0, -1).split('\n') : `${text}\n\\ No newline at end of file`.split('\n')
}

function stepsBetween(from: readonly string[], to: readonly string[]): readonly Step[] {
  let start = 0
  while (start < from.length && start < to.length && from[start] === to[start]) start++
  let end = 0
  while (end < from.length - start && end < to.length - start && from.at(-1 - end) === to.at(-1 - end)) end++
  const same = (lines: readonly string[]) => lines.map((line) => ({ mark: ' ' as const, line }))
  return [
    ...same(from.slice(0, start)),
    ...middleSteps(from.slice(start, from.length - end), to.slice(start, to.length - end)),
    ...same(from.slice(from.length - end)),
  ]
}

/** By the longest common subsequence. */
function middleSteps(from: readonly string[], to: readonly string[]): readonly Step[] {
  const removed = from.map((line) => ({ mark: '-' as const, line }))
  const added = to.map((line) => ({ mark: '+' as const, line }))
  if (from.length * to.length > maxCells || from.length === 0 || to.length === 0) return [...removed, ...added]
  const width = to.length + 1
  const common = new Uint32Array((from.length + 1) * width)
  const at = (row: number, column: number) => common[row * width + column] ?? 0
  for (let row = from.length - 1; row >= 0; row--) {
    for (let column = to.length - 1; column >= 0; column--) {
      common[row * width + column] =
        from[row] === to[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const steps: Step[] = []
  let [row, column] = [0, 0]
  while (row < from.length || column < to.length) {
    const [old, next] = [removed[row], added[column]]
    if (old && next && old.line === next.line) {
      steps.push({ mark: ' ', line: old.line })
      row++
      column++
    } else if (old && (!next || at(row + 1, column) >= at(row, column + 1))) {
      steps.push(old)
      row++
    } else if (next) {
      steps.push(next)
      column++
    }
  }
  return steps
}

function numbered(steps: readonly Step[]): readonly NumberedStep[] {
  let [from, to] = [1, 1]
  return steps.map((step) => {
    const place = { ...step, from, to }
    if (step.mark !== '+') from++
    if (step.mark !== '-') to++
    return place
  })
}

function hunksOf(steps: readonly NumberedStep[], context: number): readonly (readonly NumberedStep[])[] {
  const ranges: { start: number; end: number }[] = []
  for (const [index, { mark }] of steps.entries()) {
    if (mark === ' ') continue
    const last = ranges.at(-1)
    const start = Math.max(0, index - context)
    if (last && start <= last.end) last.end = index + context + 1
    else ranges.push({ start, end: index + context + 1 })
  }
  return ranges.map(({ start, end }) => steps.slice(start, end))
}
