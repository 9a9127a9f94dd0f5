import { rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { BootTest } from '../../core/machine.ts'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import { formatSeconds } from '../../core/units.ts'
import type { Boots, TrialFiles, TrialMachine } from '../../ports/boots.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Runner } from '../../ports/runner.ts'
import { findFirmware } from './firmware.ts'
import { emulator } from './machine-arguments.ts'
import { socketFolder } from './socket-folder.ts'
import { runTrial, type Trial } from './trial.ts'

// A trial has to share its host with copies; how much a guest has does not decide whether it boots.
const mostCpus = 4
const mostMemoryMib = 4096

interface Host {
  readonly runner: Runner
  readonly clock: Clock
  /** Whether KVM runs programs here. */
  kvmWorks(signal: AbortSignal): Promise<boolean>
}

/** Boots machines in QEMU, on KVM where that runs, else by software emulation. */
export function createBoots(host: Host): Boots {
  const { runner } = host
  return {
    async boot(machine, test, files, signal) {
      const version = await emulatorVersion(runner, signal)
      const means = await meansFor(machine, host, signal)
      const folder = await socketFolder()
      const sockets = { control: join(folder, 'control'), agent: join(folder, 'agent') }
      try {
        const trial = await runTrial(machine, { ...means, ...sockets }, { test, screen: files.screen }, host, signal)
        await writeFile(files.log, trial.serial, { mode: 0o600 })
        const { outcome, seconds, agent } = trial
        if (!outcome.up) throw failed(outcome.why, trial, test, files)
        const { accelerator, cpus, memoryMib } = means
        const { sign, saw } = outcome
        const on = { agent, accelerator, emulator: version, cpus, memoryMib }
        return { seconds, sign, ...(saw === undefined ? {} : { saw }), ...on, log: files.log }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

async function meansFor({ hardware }: TrialMachine, { kvmWorks }: Host, signal: AbortSignal) {
  return {
    accelerator: (await kvmWorks(signal)) ? ('kvm' as const) : ('tcg' as const),
    cpus: Math.min(hardware.cpus, mostCpus, availableParallelism()),
    memoryMib: Math.min(hardware.memoryMib, mostMemoryMib),
    ...(hardware.firmware === 'uefi' ? { firmware: findFirmware(hardware) } : {}),
  }
}

function failed(
  why: string,
  { seconds, pictured, lastLines }: Trial,
  { expect }: BootTest,
  { log, screen }: TrialFiles,
) {
  const wanted = expect === undefined ? 'a login prompt' : JSON.stringify(expect)
  return problem(
    'BOOT_FAILED',
    `it did not come to ${printable(wanted)} after ${formatSeconds(seconds)}: ${printable(why)}`,
    {
      detail: printable(lastLines) || 'its serial port said nothing',
      hint: `look at ${log}${pictured ? ` and ${screen}` : ''}`,
    },
  )
}

async function emulatorVersion(runner: Runner, signal: AbortSignal): Promise<string> {
  const { stdout } = await runner.run({ file: emulator, args: ['--version'], timeoutSeconds: 30 }, signal)
  return /version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version'
}
