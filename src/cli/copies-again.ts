import { addressOf } from '../core/address.ts'
import { problemsOf } from '../core/problem.ts'
import { planOptions } from './flags.ts'
import { planWorkspace } from './plan-workspace.ts'

/** What a plan would do with a machine: `unknown` to git, not planned for a reason of its own, to be copied again, or not. */
export async function copiesAgain(
  folder: string,
  name: string,
): Promise<'unknown' | 'not planned' | 'copied again' | 'kept'> {
  try {
    const { plan } = await planWorkspace(folder, planOptions({ only: [addressOf(name)] }))
    const machine = plan.machines.find((one) => one.name === name)
    if (!machine || machine.action === 'forget' || machine.action === 'destroy') return 'unknown'
    if (machine.action === 'blocked') return 'not planned'
    return machine.stages.some(({ stage }) => stage === 'convert') ? 'copied again' : 'kept'
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return problems.some(({ code }) => code === 'ADDRESS_UNKNOWN') ? 'unknown' : 'not planned'
  }
}
