import { type CutoverBegun, openCutover, type SourceBegun } from '../core/deeds.ts'
import type { MachineRecord } from '../core/record.ts'
import type { StateStore } from '../ports/state.ts'

/** What the state has of a machine that it is known to have. */
export function recordOf(name: string, { state }: { readonly state: Pick<StateStore, 'machine'> }): MachineRecord {
  const record = state.machine(name)
  if (!record) throw new Error(`the state has no machine ${name}`)
  return record
}

/** What the latest attempt at a machine's cutover set out with; undefined where there was none. */
export function cutoverBegun(name: string, state: Pick<StateStore, 'recordedInput'>): CutoverBegun | undefined {
  return state.recordedInput(name, 'cutover') as unknown as CutoverBegun | undefined
}

/** The source that a cutover which did not end may have switched off: only the state knows to start it again. */
export function sourceLeftOff(
  record: MachineRecord,
  state: Pick<StateStore, 'recordedInput'>,
): SourceBegun['domain'] | undefined {
  const source = openCutover(record, cutoverBegun(record.name, state))?.source
  return source?.wasOn ? source.domain : undefined
}
