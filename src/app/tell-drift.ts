import type { MachineDrift } from '../core/drift.ts'
import { driftNotice } from '../core/drift-notice.ts'
import { noticeTargets } from '../core/language/notifications.ts'
import type { Problem } from '../core/problem.ts'
import type { Session } from './session.ts'

/** Tells those who want to hear of drift; gives why some could not be told. */
export async function tellDrift(
  machines: readonly MachineDrift[],
  { config, context, clock, notifier }: Session,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const notice = driftNotice(machines, context.workspace, clock.now())
  if (!notice) return []
  const targets = noticeTargets(config.notifications).filter(({ on }) => on.includes('drift'))
  const told = await Promise.all(targets.map((target) => notifier.send(notice, target, signal)))
  return told.flatMap((problem) => problem ?? [])
}
