/** A node of what V8's `--cpu-prof` writes: one function on one call stack. */
interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

/** One thread's `.cpuprofile`; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** A function and what it called, by name. */
interface Frame {
  readonly name: string
  readonly calls: Map<string, Frame>
  micros: number
}

const [width, rowHeight, top] = [1100, 17, 44] as const
// What is narrower has no use in a picture.
const leastWidth = 5

/** A flame graph of all threads of a program, hanging down: width is time on a CPU, what is above calls what is below it. */
export function flameGraph(profiles: readonly CpuProfile[], about: string): string {
  const root: Frame = { name: 'all threads', calls: new Map(), micros: 0 }
  for (const profile of profiles) add(root, profile)
  const boxes: string[] = []
  const deepest = draw(root, 0, 0, root.micros, boxes)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + (deepest + 1) * rowHeight}" font-family="monospace" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="24" font-size="14" font-family="sans-serif">${escaped(about)}: ${(root.micros / 1e6).toFixed(1)} s on CPUs</text>
${boxes.join('\n')}
</svg>
`
}

function add(root: Frame, { nodes, samples, timeDeltas }: CpuProfile): void {
  const micros = new Map<number, number>()
  for (const [at, id] of samples.entries()) micros.set(id, (micros.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const [first] = nodes
  if (!first) return
  const into = (frame: Frame, node: ProfileNode): number => {
    const name = nameOf(node)
    if (name === '(idle)' || name === '(program)') return 0
    const called = node === first ? frame : calledBy(frame, name)
    let own = micros.get(node.id) ?? 0
    for (const id of node.children ?? []) {
      const child = byId.get(id)
      if (child) own += into(called, child)
    }
    called.micros += own
    return own
  }
  into(root, first)
}

function calledBy(frame: Frame, name: string): Frame {
  const known = frame.calls.get(name) ?? { name, calls: new Map(), micros: 0 }
  frame.calls.set(name, known)
  return known
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const file = url.split('/').at(-1) ?? ''
  if (functionName !== '') return functionName
  return file === '' ? '(native)' : `${file}:${lineNumber + 1}`
}

/** @returns the deepest row that was drawn */
function draw(frame: Frame, depth: number, x: number, whole: number, boxes: string[]): number {
  const wide = (frame.micros / whole) * width
  if (wide < leastWidth) return depth - 1
  const percent = ((frame.micros / whole) * 100).toFixed(1)
  const hue = 20 + ([...frame.name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 35)
  const label = frame.name.slice(0, Math.max(0, Math.floor(wide / 6.8) - 1))
  const y = top + depth * rowHeight
  boxes.push(
    `<g><title>${escaped(frame.name)}, ${percent} %</title><rect x="${x.toFixed(1)}" y="${y}" width="${(wide - 0.5).toFixed(1)}" height="${rowHeight - 1}" fill="hsl(${hue},85%,65%)"/>` +
      (label.length > 1 ? `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(label)}</text>` : '') +
      '</g>',
  )
  let [at, deepest] = [x, depth]
  for (const called of [...frame.calls.values()].toSorted((a, b) => b.micros - a.micros)) {
    deepest = Math.max(deepest, draw(called, depth + 1, at, whole, boxes))
    at += (called.micros / whole) * width
  }
  return deepest
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
