import { addressOf } from '../core/address.ts'
import type { Emit, RunEvent } from '../core/events.ts'
import { noticeTargets } from '../core/language/notifications.ts'
import type { Notice, NoticedMachine, NoticeTarget } from '../core/notice.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import { formatCount } from '../core/units.ts'
import type { Session } from './session.ts'

/** Tells those whom the workspace names how a run goes. */
export interface Notifications {
  /** Passes an event on, and has it told; waits for nobody. */
  readonly emit: Emit
  /** Waits until all is told; emits why some could not be told, each target once. */
  end(): Promise<void>
}

interface Place {
  readonly workspace: string
  readonly runId: string
  readonly now: () => string
  readonly notifier: Session['notifier']
  readonly signal: AbortSignal
}

/**
 * Tells each target one notice after the other. What fails while one is on its way comes with the next: many failures are few
 * notices. A target that could not be told once is told nothing more in this run.
 */
export function notifications(
  { config, context, clock, notifier }: Session,
  runId: string,
  emit: Emit,
  signal: AbortSignal,
): Notifications {
  const place = { workspace: context.workspace, runId, now: clock.now, notifier, signal }
  const queues = noticeTargets(config.notifications).map((target) => ({ target, ...queueFor(target, place) }))
  return {
    emit(event) {
      emit(event)
      for (const { target, add } of queues) {
        if (event.type === 'wave' && event.status !== 'begun' && target.on.includes('wave'))
          add(waveNotice(event, place))
        const failure = target.on.includes('failure') ? failureOf(event) : undefined
        if (failure) add(failure)
      }
    },
    async end() {
      const ended = await Promise.all(queues.map(({ end }) => end()))
      for (const problem of ended.flat()) emit({ type: 'diagnostic', problem })
    },
  }
}

function queueFor(target: NoticeTarget, place: Place) {
  const { notifier, signal } = place
  let waiting: readonly Notice[] = []
  let failures: readonly NoticedMachine[] = []
  let sending: Promise<void> | undefined
  let problems: readonly Problem[] = []
  const next = (): Notice | undefined => {
    const [first, ...rest] = waiting
    if (first) {
      waiting = rest
      return first
    }
    if (failures.length === 0) return undefined
    const notice = failureNotice(failures, place)
    failures = []
    return notice
  }
  const sendAll = async () => {
    for (let notice = next(); notice; notice = next()) {
      problems = await tried(() => notifier.send(notice, target, signal))
      if (problems.length > 0) return
    }
  }
  const begin = () => {
    sending ??= sendAll().finally(() => {
      sending = undefined
    })
    return sending
  }
  return {
    add(what: Notice | NoticedMachine) {
      if (problems.length > 0) return
      if ('event' in what) waiting = [...waiting, what]
      else failures = [...failures, what]
      begin()
    },
    async end() {
      // One that came while the last was just done is still there.
      while (problems.length === 0 && (sending || waiting.length > 0 || failures.length > 0)) await begin()
      return problems
    },
  }
}

// Nothing that goes wrong in telling ends the run.
async function tried(send: () => Promise<Problem | undefined>): Promise<readonly Problem[]> {
  try {
    const problem = await send()
    return problem ? [problem] : []
  } catch (error) {
    return problemsOrBug(error)
  }
}

function failureOf(event: RunEvent): NoticedMachine | undefined {
  if ((event.type !== 'stage_failed' && event.type !== 'deed_failed') || event.interrupted) return undefined
  const message = event.problems.map(({ code, summary }) => `${code}: ${summary}`).join('; ')
  return { name: event.machine, subject: event.type === 'stage_failed' ? event.stage : event.deed, message }
}

function failureNotice(machines: readonly NoticedMachine[], { workspace, runId, now }: Place): Notice {
  const [first] = machines
  const summary =
    machines.length === 1 && first
      ? `${addressOf(first.name)} failed in ${first.subject}`
      : `${formatCount(machines.length, 'machine')} failed`
  return { event: 'failure', workspace, runId, at: now(), summary, machines }
}

function waveNotice(
  { wave: name, status, machines, why }: Extract<RunEvent, { type: 'wave' }>,
  { workspace, runId, now }: Place,
): Notice {
  const ended = { begun: 'has begun', done: 'is done', failed: 'has ended with failures', waits: 'waits' }[status]
  return {
    event: 'wave',
    workspace,
    runId,
    at: now(),
    summary: `wave ${name} ${ended}${why === undefined ? '' : `: ${why}`}`,
    wave: { name, status, machines, ...(why === undefined ? {} : { why }) },
    machines: [],
  }
}
