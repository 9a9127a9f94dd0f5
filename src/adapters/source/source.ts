import type { MachineSource } from '../../core/machine.ts'
import type { Source } from '../../ports/source.ts'

/** One source that asks the one that a machine names. */
export function createSource(sources: Readonly<Record<MachineSource['provider'], Source>>): Source {
  return {
    observe: (source, diskPaths, signal) => sources[source.provider].observe(source, diskPaths, signal),
    measure: (source, disks, signal) => sources[source.provider].measure(source, disks, signal),
    export: (input, work) => sources[input.source.provider].export(input, work),
  }
}
