import { analyzeSync, type Template, Variable } from 'liquidjs'
import type { TemplateFault } from './liquid.ts'
import { nearest } from './nearest.ts'

/** The names in a template that the shape of the context does not have. */
export function unknownNames(templates: Template[], shape: object): readonly TemplateFault[] {
  const variables = Object.values(analyzeSync(templates).globals).flat()
  return variables.flatMap(({ segments, location }) => {
    const fault = unknownName(segments, shape)
    return fault === undefined ? [] : [{ ...fault, line: location.row, column: location.col }]
  })
}

type Segment = Variable['segments'][number]

function unknownName(segments: readonly Segment[], shape: object): Pick<TemplateFault, 'summary' | 'hint'> | undefined {
  let here: unknown = shape
  for (const [index, segment] of segments.entries()) {
    const next = member(here, segment, index === 0)
    if (next === undefined) return nameFault(segments.slice(0, index + 1), here)
    here = next
  }
  return undefined
}

/** What a name stands for in the shape; undefined when there is nothing of that name. */
function member(shape: unknown, segment: Segment, atRoot: boolean): unknown {
  const isIndex = typeof segment === 'number' || segment instanceof Variable
  if (Array.isArray(shape)) return isIndex || segment === 'first' || segment === 'last' ? shape[0] : sizeOf(segment)
  if (typeof shape === 'string') return sizeOf(segment)
  if (typeof shape !== 'object' || shape === null) return undefined
  if (segment instanceof Variable) return atRoot ? undefined : ''
  const entry = Object.entries(shape).find(([key]) => key === String(segment))
  return entry?.[1]
}

function sizeOf(segment: Segment): number | undefined {
  return segment === 'size' ? 0 : undefined
}

function nameFault(segments: readonly Segment[], shape: unknown): Pick<TemplateFault, 'summary' | 'hint'> {
  const summary = `unknown name "${segments.map(String).join('.')}"`
  const last = segments.at(-1)
  const known = typeof shape === 'object' && shape !== null && !Array.isArray(shape) ? Object.keys(shape) : ['size']
  const near = typeof last === 'string' ? nearest(last, known) : undefined
  return { summary, hint: near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?` }
}
