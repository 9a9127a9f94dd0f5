import { ProblemError } from '../core/problem.ts'
import type { DeedRun } from './record-deed.ts'
import { runMachines } from './run-machines.ts'
import type { Subject } from './stage.ts'
import { stagesOf } from './stages/table.ts'
import { waveGate } from './wave-gate.ts'

/**
 * Runs a machine's stages again over what its source, which is off by now, has on its disks; nothing runs where nothing
 * changed.
 * @throws ProblemError with all that went wrong
 */
export async function copyAgain(subject: Subject, run: DeedRun): Promise<void> {
  const { context, emit, signal } = run
  const { machine } = subject
  // Opens the images, at which a file system of another host tells what it has now and not what it had.
  await context.source.measure(machine.source, machine.disks, signal)
  const paths = subject.sourceFiles.map(({ path }) => path)
  const { files: sourceFiles } = await context.source.observe(machine.source, paths, signal)
  const runner = { subject: { ...subject, sourceFiles }, graph: stagesOf(machine), wave: 0 }
  const gate = waveGate([], new Map(), context.clock, emit)
  const ran = await runMachines([runner], gate, async () => undefined, { ...run, redo: [], stagesOf })
  signal.throwIfAborted()
  if (ran.problems.length > 0) throw new ProblemError(ran.problems)
}
