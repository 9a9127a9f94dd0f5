import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { planOptions, selectionFlags } from '../cli/flags.ts'

export default class Graph extends H2kCommand {
  static override summary = 'Print the stage graph; stages that would run are marked.'
  static override examples = [
    '<%= config.bin %> graph | dot -Tsvg > graph.svg',
    '<%= config.bin %> graph --format mermaid --only machine.web01',
  ]
  static override flags = {
    ...selectionFlags,
    format: Flags.string({ options: ['dot', 'mermaid'], default: 'dot', description: 'Graphviz or Mermaid' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Graph)
    const { planWorkspace } = await import('../cli/plan-workspace.ts')
    const { stagesOf } = await import('../app/stages/table.ts')
    const { graphDot, graphMermaid } = await import('../render/graph-text.ts')
    const { plan, subjects, problems } = await planWorkspace(this.folder(flags), planOptions(flags))
    const graphs = [...subjects.values()].map(({ machine }) => {
      const running = plan.machines.find(({ name }) => name === machine.name)?.stages ?? []
      const stages = stagesOf(machine).map(({ name, after }) => {
        return { stage: name, after, runs: running.some(({ stage }) => stage === name) }
      })
      return { name: machine.name, stages }
    })
    this.report(problems)
    this.say(flags.format === 'dot' ? graphDot(graphs) : graphMermaid(graphs))
    return {
      data: { machines: graphs.map(({ name, stages }) => ({ name, stages: stages.map((stage) => ({ ...stage })) })) },
    }
  }
}
