import type { Duration, PlannedMachine, PlannedStage } from '../core/plan.ts'
import type { StageName } from '../core/stage-names.ts'
import { formatRate, formatSeconds } from '../core/units.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'

const enoughSamples = 3
// What the conversion is taken to do until it was measured: 12,000 MB a minute.
const assumedBytesPerSecond = 200e6
// What looking into a guest takes until it was measured; the slot is what limits how many go at once.
const guestStages = [
  { stage: 'inspect', slot: 'guestfs', assumedSeconds: 20 },
  { stage: 'fix', slot: 'guestfs', assumedSeconds: 20 },
  { stage: 'boot_test', slot: 'boot_test', assumedSeconds: 30 },
] as const

/** What a machine's work comes to. */
interface Work extends Pick<PlannedMachine, 'name' | 'writeBytes'> {
  readonly stages: readonly Pick<PlannedStage, 'stage'>[]
}

/** Estimates by what was measured until now; the state is asked once. See `estimateDuration`. */
export type Estimator = (machines: readonly Work[]) => Duration | undefined

/**
 * How long the copies and the work in guests of machines that act will take; undefined when there is none. What limits most
 * decides: the slots, or the machine that takes longest.
 */
export function estimateDuration(
  machines: readonly Work[],
  context: Pick<Context, 'concurrency'>,
  state: StateStore | undefined,
): Duration | undefined {
  return createEstimator(context, state)(machines)
}

export function createEstimator(
  { concurrency }: Pick<Context, 'concurrency'>,
  state: StateStore | undefined,
): Estimator {
  const pace = copyRate(state)
  const guests = guestStages.map((one) => ({ ...one, ...stageSeconds(one, state) }))
  return (machines) => estimated(machines, concurrency, pace, guests)
}

function estimated(
  machines: readonly Work[],
  concurrency: Context['concurrency'],
  { rate, basis }: ReturnType<typeof copyRate>,
  guests: readonly ((typeof guestStages)[number] & ReturnType<typeof stageSeconds>)[],
): Duration | undefined {
  const parts = machines.flatMap(({ name, stages, writeBytes }) => [
    ...(writeBytes > 0 ? [{ name, slot: 'disk_io' as const, seconds: writeBytes / rate, basis }] : []),
    ...guests.filter(({ stage }) => stages.some((one) => one.stage === stage)).map((one) => ({ name, ...one })),
  ])
  if (parts.length === 0) return undefined
  const bySlot = (['disk_io', 'guestfs', 'boot_test'] as const).map((slot) => {
    const own = parts.filter((part) => part.slot === slot)
    const users = new Set(own.map(({ name }) => name)).size
    return sum(own) / Math.max(1, Math.min(concurrency[slot], users))
  })
  const byMachine = [...Map.groupBy(parts, ({ name }) => name).values()].map(sum)
  const bases = [...new Set(parts.map((part) => part.basis))]
  return { seconds: Math.max(...bySlot, ...byMachine), basis: bases.join(', ') }
}

function sum(parts: readonly { readonly seconds: number }[]): number {
  return parts.reduce((total, { seconds }) => total + seconds, 0)
}

function stageSeconds(
  { stage, assumedSeconds }: { readonly stage: StageName; readonly assumedSeconds: number },
  state: StateStore | undefined,
): { readonly seconds: number; readonly basis: string } {
  const samples = state?.durations(stage, 20) ?? []
  if (samples.length === 0) {
    return { seconds: assumedSeconds, basis: `${stage} assumed at ${formatSeconds(assumedSeconds)}` }
  }
  const seconds = samples.reduce((total, one) => total + one, 0) / samples.length
  return { seconds, basis: `${stage} measured at ${formatSeconds(seconds)}` }
}

/** Bytes in a second that one copy makes, and how that is known. */
export function copyRate(state: StateStore | undefined): { readonly rate: number; readonly basis: string } {
  const samples = state?.measurements('convert', 20) ?? []
  const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0)
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0)
  const measured = samples.length >= enoughSamples && seconds > 0
  const rate = measured ? bytes / seconds : assumedBytesPerSecond
  const basis = measured
    ? `convert measured at ${formatRate(rate)} over ${samples.length} runs`
    : `convert assumed at ${formatRate(rate)}`
  return { rate, basis }
}
