import { addressOf } from '../core/address.ts'
import type { StageName } from '../core/stage-names.ts'

/** The stages of a machine and what each comes after. */
export interface MachineGraph {
  readonly name: string
  readonly stages: readonly {
    readonly stage: StageName
    readonly after: readonly StageName[]
    readonly runs: boolean
  }[]
}

/** Graphviz. Stages that will run are bold. */
export function graphDot(graphs: readonly MachineGraph[]): string {
  const lines = graphs.flatMap(({ name, stages }, index) => [
    `  subgraph cluster_${index} {`,
    `    label = ${quoted(addressOf(name))};`,
    ...stages.map(
      ({ stage, runs }) =>
        `    ${quoted(addressOf(name, stage))} [label=${quoted(stage)}${runs ? ', style=bold' : ', color=gray'}];`,
    ),
    ...edges(stages).map(([from, to]) => `    ${quoted(addressOf(name, from))} -> ${quoted(addressOf(name, to))};`),
    '  }',
  ])
  return ['digraph h2k {', '  rankdir = LR;', '  node [shape=box];', ...lines, '}'].join('\n')
}

/** Mermaid, as GitHub and GitLab draw it in Markdown. */
export function graphMermaid(graphs: readonly MachineGraph[]): string {
  const lines = graphs.flatMap(({ name, stages }, index) => [
    `  subgraph m${index}[${JSON.stringify(escaped(addressOf(name)))}]`,
    ...stages.map(({ stage, runs }) => `    m${index}_${stage}[${stage}]${runs ? ':::runs' : ''}`),
    ...edges(stages).map(([from, to]) => `    m${index}_${from} --> m${index}_${to}`),
    '  end',
  ])
  return ['flowchart LR', ...lines, '  classDef runs stroke-width:3px'].join('\n')
}

// What is not in the graph is stepped over: validate may be disabled, publish still comes after convert.
function edges(stages: MachineGraph['stages']): [StageName, StageName][] {
  const names = new Set(stages.map(({ stage }) => stage))
  return stages.flatMap(({ stage, after }) =>
    after.filter((before) => names.has(before)).map((before): [StageName, StageName] => [before, stage]),
  )
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

function escaped(text: string): string {
  return text.replace(/[&<>"#]/g, (character) => `#${character.charCodeAt(0)};`)
}
