import { isMap } from '../layer.ts'
import type { Issue } from './check.ts'

export type FileKind = 'manifest' | 'batch' | 'vmware2scw'

/** What an included file is, by the keys that only such a file has; what has none counts as a manifest. */
export function fileKind(parsed: unknown): FileKind {
  if (!isMap(parsed)) return 'manifest'
  const has = (key: string) => Object.hasOwn(parsed, key)
  if (has('batch_version')) return 'batch'
  if (has('manifest_version')) return 'manifest'
  if (has('migrations')) return 'vmware2scw'
  // Whoever forgot its version meant a batch all the same.
  return has('vms') || has('batch_metadata') || has('shared_config') ? 'batch' : 'manifest'
}

/** What is to be said of a file in a format that tools had before this one: none of its keys is the same. */
export function earlierFormat(parsed: unknown): Issue | undefined {
  if (!isMap(parsed) || !Object.hasOwn(parsed, 'version') || fileKind(parsed) === 'vmware2scw') return undefined
  if (Object.hasOwn(parsed, 'manifest_version') || Object.hasOwn(parsed, 'batch_version')) return undefined
  const what = fileKind(parsed)
  return {
    code: 'KEY_MISSING',
    path: ['version'],
    summary: `${what}_version is missing: a file with version is of an earlier format, which h2k does not read`,
    hint: what === 'batch' ? 'h2k schema batch prints every key' : 'h2k import FILE writes its manifest anew',
  }
}
