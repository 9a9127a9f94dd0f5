import type { Artifact } from '../../core/record.ts'
import type { Remains } from '../../core/removal.ts'
import { linesOf, type Virsh } from './virsh.ts'
import { hasVolume, lookAt } from './volumes.ts'

interface Thing {
  readonly uri: string
  readonly pool: string
  /** Absent for the pool itself. */
  readonly volume?: string
}

/** The pool or volume that an artifact is; undefined for what is neither. */
export function storageOf({ path }: Pick<Artifact, 'path'>): Thing | undefined {
  const [, uri = '', kind, pool = '', volume] = /^([^#]*)#(volumes?)\/([^/]*)(?:\/(.*))?$/s.exec(path) ?? []
  if (kind === undefined) return undefined
  return { uri, pool, ...(volume === undefined ? {} : { volume }) }
}

/** What is there of a pool or volume that h2k made. */
export async function storageRemains(
  { status, path, evidence }: Artifact,
  { pool, volume }: Thing,
  virsh: Virsh,
  signal: AbortSignal,
): Promise<Remains> {
  const gone: Remains = { standing: 'gone', bytes: 0, mark: '' }
  if (!(await hasPool(virsh, pool, signal))) return gone
  if (volume === undefined) return { standing: 'as made', bytes: 0, mark: pool }
  if (!(await hasVolume(virsh, { name: pool }, volume, signal))) return gone
  const { bytes, modified } = await lookAt(virsh, pool, volume, path, signal)
  const made = (evidence as { readonly file?: { readonly modified?: string } } | undefined)?.file?.modified
  const standing = status === 'intended' ? 'unfinished' : made === modified ? 'as made' : 'changed'
  return { standing, bytes, mark: `${bytes} ${modified}` }
}

/** Removes it. A pool that still holds something, of whomever, stays. */
export async function destroyStorage({ pool, volume }: Thing, virsh: Virsh, signal: AbortSignal): Promise<void> {
  if (!(await hasPool(virsh, pool, signal))) return
  const name = `--pool=${pool}`
  if (volume !== undefined) {
    if (await hasVolume(virsh, { name: pool }, volume, signal)) {
      await virsh.run(['vol-delete', name, `--vol=${volume}`], signal)
    }
    return
  }
  await virsh.run(['pool-refresh', name], signal)
  if (linesOf(await virsh.run(['vol-list', name], signal)).length > 0) return
  await virsh.run(['pool-destroy', name], signal)
  await virsh.run(['pool-undefine', name], signal)
}

async function hasPool(virsh: Virsh, pool: string, signal: AbortSignal): Promise<boolean> {
  const names = linesOf(await virsh.run(['pool-list', '--name'], signal))
  return names.some((name) => name.trimEnd() === pool)
}
