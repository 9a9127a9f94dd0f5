import { printableSentence } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { RecordedName } from '../core/stage-names.ts'
import type { Run } from './run-stage.ts'

/** Writes why something failed to the machine's log, in full. A log that cannot be written changes nothing about the failure. */
export function logFailure(
  machine: string,
  part: RecordedName,
  problems: readonly Problem[],
  { context, writer, emit }: Pick<Run, 'context' | 'writer' | 'emit'>,
): void {
  const lines = problems.flatMap(({ code, summary, detail, hint }) => [
    `${context.clock.now()} ${part}: ${code}: ${printableSentence(summary)}`,
    ...(detail?.split('\n') ?? []).map((line) => `  ${printableSentence(line)}`),
    ...(hint === undefined ? [] : [`  -> ${printableSentence(hint)}`]),
  ])
  try {
    context.log(writer.runId, machine, lines.map((line) => `${line}\n`).join(''))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const summary = `the log of this run cannot be written: ${String(error.code)}`
    emit({ type: 'diagnostic', problem: { severity: 'warning', code: 'OUTPUT_UNWRITABLE', summary } })
  }
}
