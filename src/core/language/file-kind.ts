import { isMap } from '../layer.ts'

export type FileKind = 'manifest' | 'batch' | 'vmware2scw'

/** What an included file is, by the key that only such a file has; what has none counts as a manifest. */
export function fileKind(parsed: unknown): FileKind {
  if (!isMap(parsed)) return 'manifest'
  if (Object.hasOwn(parsed, 'batch_version')) return 'batch'
  if (Object.hasOwn(parsed, 'migrations') && !Object.hasOwn(parsed, 'manifest_version')) return 'vmware2scw'
  return 'manifest'
}
