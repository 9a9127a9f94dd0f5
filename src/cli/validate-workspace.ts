import { loadWorkspace } from '../app/load-workspace.ts'
import { offlineProblems } from '../app/subjects.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import { connect } from './wiring.ts'

/** Everything that is wrong with a workspace's files. */
export async function validateWorkspace(
  folder: string,
): Promise<{ name: string; machines: number; problems: readonly Problem[] }> {
  try {
    const { config, files, cache, version } = connect(folder)
    const { machines, problems } = await loadWorkspace(config, files, cache, version)
    await cache.save()
    const all = [...problems, ...offlineProblems(machines, { config, files })]
    return { name: config.name, machines: machines.length, problems: all }
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return { name: folder, machines: 0, problems }
  }
}
