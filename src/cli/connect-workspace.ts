import { type CheckedWorkspace, checkWorkspace, type OpenWorkspace } from '../app/check-workspace.ts'
import type { Session } from '../app/session.ts'
import { ProblemError, problemsOf } from '../core/problem.ts'
import { connect, openWorkspace } from './wiring.ts'

/** Connects to a workspace. @throws ProblemError with all that is wrong with its files when `h2k.yaml` is */
export async function connectWorkspace(folder: string): Promise<Session> {
  try {
    return connect(folder)
  } catch (error) {
    if (!problemsOf(error)) throw error
    const { problems } = await checkWorkspace(openWorkspace(folder))
    throw problems.length > 0 ? new ProblemError(problems) : error
  }
}

/** Everything that is wrong with the files of a workspace, also when its `h2k.yaml` is. */
export async function validateWorkspace(folder: string): Promise<CheckedWorkspace> {
  return await checkWorkspace(connectedOrOpen(folder))
}

function connectedOrOpen(folder: string): OpenWorkspace {
  try {
    return connect(folder)
  } catch (error) {
    if (!problemsOf(error)) throw error
    return openWorkspace(folder)
  }
}
