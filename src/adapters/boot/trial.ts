import { setTimeout as sleep } from 'node:timers/promises'
import type { BootTest } from '../../core/machine.ts'
import type { BootSign } from '../../core/outputs.ts'
import type { TrialMachine } from '../../ports/boots.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Runner } from '../../ports/runner.ts'
import { guestAgentAnswers } from './guest-agent.ts'
import { emulator, machineArguments, type TrialMeans } from './machine-arguments.ts'
import { takeScreenshot } from './screenshot.ts'
import { serialPort } from './serial-port.ts'

export interface Trial {
  readonly outcome: Outcome
  /** From the start of the emulator to the outcome. */
  readonly seconds: number
  /** Whether the guest's agent answered. */
  readonly agent: boolean
  /** Whether a picture of the screen was taken. */
  readonly pictured: boolean
  /** What the serial port said, bounded. */
  readonly serial: string
  readonly lastLines: string
}

export type Outcome =
  | { readonly up: true; readonly sign: BootSign; readonly saw?: string }
  | { readonly up: false; readonly why: string }

// For an agent that is on its way when the serial port shows its sign.
const agentSeconds = 5

/** Runs the emulator until the guest is up, has ended, or time is up; it is gone when this settles. */
export async function runTrial(
  machine: TrialMachine,
  means: TrialMeans,
  { test, screen }: { readonly test: BootTest; readonly screen: string },
  { runner, clock }: { readonly runner: Runner; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Trial> {
  const over = new AbortController()
  const serial = serialPort(test.expect)
  const seen = Promise.withResolvers<Outcome>()
  const began = clock.seconds()
  const ended = runner.run(
    {
      file: emulator,
      args: machineArguments(machine, means),
      onOutput(text) {
        const sign = serial.take(text)
        if (sign) seen.resolve(sign.up ? sign : { up: false, why: sign.saw })
      },
    },
    AbortSignal.any([signal, over.signal]),
  )
  const agent = guestAgentAnswers(means.agent, over.signal)
  try {
    const outcome = await Promise.race([
      seen.promise,
      ended.then((): Outcome => ({ up: false, why: 'it powered off' })),
      later(test.timeoutSeconds, over.signal).then((): Outcome => ({ up: false, why: 'time is up' })),
      ...(test.expect === undefined ? [answered(agent)] : []),
    ])
    const seconds = clock.seconds() - began
    const rest = {
      outcome,
      seconds,
      agent: outcome.up && (await Promise.race([agent, later(agentSeconds, over.signal).then(() => false)])),
      pictured: !outcome.up && (await takeScreenshot(means.control, screen)),
    }
    return { ...rest, serial: serial.text(), lastLines: serial.lastLines(5) }
  } finally {
    over.abort()
    await ended.catch((error) => {
      if (error !== over.signal.reason && !signal.aborted) throw error
    })
  }
}

/** Settles when the agent has answered, and never when it does not. */
async function answered(agent: Promise<boolean>): Promise<Outcome> {
  if (await agent) return { up: true, sign: 'guest agent' }
  return await new Promise(() => undefined)
}

async function later(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(seconds * 1000, undefined, { signal })
  } catch (error) {
    // The trial is over: nobody waits for this any more.
    if (!signal.aborted) throw error
  }
}
