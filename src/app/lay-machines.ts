import { fingerprint } from '../core/fingerprint.ts'
import { check } from '../core/language/check.ts'
import { earlierFormat } from '../core/language/file-kind.ts'
import { type Manifest, manifestSchema } from '../core/language/manifest.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import { isMap, type Layer } from '../core/layer.ts'
import { layMachine, type MachineParts } from '../core/machine-layers.ts'
import { withMappingFiles } from '../core/mapping-ref.ts'
import { ProblemError, problem } from '../core/problem.ts'
import type { Profiles } from '../core/profiles.ts'
import type { Desired } from '../core/resolve-machine.ts'
import type { FileReader } from './file-reader.ts'
import { placedInFiles, placedInLayers, readNamed } from './placed-issues.ts'

/** What a machine was laid from, so that it can be laid again when its source tells its system. */
export interface Laid extends Pick<Desired, 'manifest' | 'layers'> {
  readonly wantsOs: boolean
}

/** Merges what git says about a machine, and checks it. @throws ProblemError with all that is wrong, each in its file */
export function lay(parts: MachineParts, profiles: Profiles, reader: FileReader, observedOs?: string): Laid {
  const { files } = reader
  const laid = layMachine(profiles, parts, observedOs)
  if ('code' in laid) throw new ProblemError(placedInFiles([laid], files))
  const { merged, layers, wantsOs } = laid
  const [only] = layers
  const alone = layers.length === 1 && only?.origin.path.length === 0
  const key = alone ? `file ${reader.contentKey(only.origin.file)}` : `layers ${fingerprint(merged)}`
  // A value that passed before is the manifest: the schema changes nothing in it.
  if (reader.isKnown(key)) return { manifest: withoutOwnKeys(merged) as unknown as Manifest, layers, wantsOs }
  const checked = check(manifestSchema, merged)
  if (checked.issues) throw new ProblemError(placedInLayers(checked.issues, layers, files))
  reader.passed(key)
  return { manifest: checked.value, layers, wantsOs }
}

function withoutOwnKeys(merged: object): object {
  return Object.fromEntries(Object.entries(merged).filter(([key]) => !key.startsWith('x-')))
}

/** @throws ProblemError for a file in a format of which no key is known */
export function refuseEarlierFormat(value: unknown, file: string, { files }: FileReader): void {
  const issue = earlierFormat(value)
  if (issue) throw new ProblemError(placeIssues([issue], files.read(file), file))
}

/** A file that holds a whole manifest, as layers: its mappings may stand in files of their own. */
export function manifestLayers(file: string, reader: FileReader): readonly Layer[] {
  const value = reader.parse(file)
  refuseEarlierFormat(value, file, reader)
  if (!isMap(value)) {
    throw problem('VALUE_INVALID', 'the file must be a map', { at: { file, line: 1, column: 1 } })
  }
  return withMappings({ origin: { kind: 'manifest', name: 'manifest', file, path: [] }, value }, reader)
}

/** A layer with the mapping files that it names. @throws ProblemError for a file that is missing or wrong */
export function withMappings(layer: Layer, reader: FileReader): readonly Layer[] {
  const { files } = reader
  const laid = withMappingFiles(layer, (path, from, at) => {
    const file = files.relative(files.resolve(from, path))
    return { file, value: readNamed(() => reader.parse(file), { file: from, path: at }, files) }
  })
  if ('issue' in laid) throw new ProblemError(placedInFiles([laid.issue], files))
  return laid
}
