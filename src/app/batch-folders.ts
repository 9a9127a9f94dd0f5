import { type Layer, valueAt } from '../core/layer.ts'
import { fileNameOf } from '../core/printable.ts'
import type { Entry } from './entry.ts'
import type { FileReader } from './file-reader.ts'

/** Where a batch's reports go: the folder that its `shared_config` names for all of its machines, else that of the workspace. */
export function batchFolder({ origin, value }: Layer, { files }: Pick<FileReader, 'files'>): string {
  const directory = valueAt(value, ['output', 'directory'])
  return typeof directory === 'string' ? files.resolve(origin.file, directory) : files.resolve('h2k.yaml', 'output')
}

/** Batches that would write the same reports get a folder each, by their id, or by their file where that is the same too. */
export function inFoldersOfTheirOwn(entries: readonly Entry[]): Entry[] {
  const filesOf = (key: (batch: NonNullable<Entry['batch']>) => string) => {
    const found = new Map<string, Set<string>>()
    for (const { batch } of entries) {
      if (batch) found.set(key(batch), (found.get(key(batch)) ?? new Set()).add(batch.file))
    }
    return (batch: NonNullable<Entry['batch']>) => found.get(key(batch))?.size ?? 0
  }
  const inFolder = filesOf((batch) => batch.report?.directory ?? '')
  const withId = filesOf((batch) => batch.id)
  return entries.map((entry) => {
    const { batch } = entry
    if (!batch?.report || inFolder(batch) === 1) return entry
    const own = fileNameOf(withId(batch) === 1 ? batch.id : batch.file)
    const report = { ...batch.report, directory: `${batch.report.directory}/${own}` }
    return { ...entry, batch: { ...batch, report } }
  })
}
