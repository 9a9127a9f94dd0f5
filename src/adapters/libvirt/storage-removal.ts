import { type Problem, ProblemError } from '../../core/problem.ts'
import type { Artifact } from '../../core/record.ts'
import type { Remains } from '../../core/removal.ts'
import { type ListedPool, listPools } from './list-pools.ts'
import type { Virsh } from './virsh.ts'
import { hasVolume, isLineOf, lookAt, volumeLines } from './volumes.ts'

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

/** What is there of a pool or volume that h2k made. `going` is what would be removed with it. */
export async function storageRemains(
  { status, path, evidence }: Artifact,
  { pool, volume }: Thing,
  going: readonly Artifact[],
  virsh: Virsh,
  signal: AbortSignal,
): Promise<Remains> {
  const gone: Remains = { standing: 'gone', bytes: 0, mark: '' }
  const listed = (await listPools(virsh, signal)).get(pool)
  if (!listed) return gone
  // A run that was stopped, or could not start it, has put nothing into it.
  if (!listed.active && status === 'intended' && volume === undefined)
    return { standing: 'unfinished', bytes: 0, mark: pool }
  if (!listed.active) return { standing: 'as made', bytes: 0, mark: pool, problem: poolOff(virsh.uri, pool) }
  if (volume === undefined) {
    const holds = (await contentOf(virsh, listed, signal)).filter(
      (line) => !going.some((one) => isOf(line, one)),
    ).length
    return { standing: 'as made', bytes: 0, mark: pool, ...(holds > 0 ? { holds } : {}) }
  }
  if (!(await hasVolume(virsh, listed, volume, signal))) return gone
  const { bytes, modified } = await lookAt(virsh, pool, volume, path, signal)
  const made = (evidence as { readonly file?: { readonly modified?: string } } | undefined)?.file?.modified
  const standing = status === 'intended' ? 'unfinished' : made === modified ? 'as made' : 'changed'
  return { standing, bytes, mark: `${bytes} ${modified}` }
}

/** Removes it. A pool that still holds something, of whomever, stays. */
export async function destroyStorage(
  { status }: Artifact,
  { pool, volume }: Thing,
  virsh: Virsh,
  signal: AbortSignal,
): Promise<void> {
  const listed = (await listPools(virsh, signal)).get(pool)
  if (!listed) return
  const name = `--pool=${pool}`
  if (!listed.active) {
    if (status === 'made' || volume !== undefined) throw new ProblemError([poolOff(virsh.uri, pool)])
    await virsh.run(['pool-undefine', name], signal)
    return
  }
  if (volume !== undefined) {
    if (await hasVolume(virsh, listed, volume, signal)) {
      await virsh.run(['vol-delete', name, `--vol=${volume}`], signal)
    }
    return
  }
  if ((await contentOf(virsh, listed, signal)).length > 0) return
  await virsh.run(['pool-destroy', name], signal)
  await virsh.run(['pool-undefine', name], signal)
}

/** What somebody put into it, by its lines. A new file system has its own folder for what it finds again. */
async function contentOf(virsh: Virsh, pool: ListedPool, signal: AbortSignal): Promise<readonly string[]> {
  return (await volumeLines(virsh, pool, signal)).filter((line) => !isLineOf(line, 'lost+found'))
}

function isOf(line: string, { path }: Artifact): boolean {
  if (path.startsWith('/')) return line.trimEnd().endsWith(`   ${path}`)
  const volume = storageOf({ path })?.volume
  return volume !== undefined && isLineOf(line, volume)
}

// Nobody sees what is in one that is off: that is not the same as nothing.
function poolOff(uri: string, pool: string): Problem {
  const summary = `the pool ${pool} of ${uri} is off, and nobody sees what is in it`
  return { severity: 'error', code: 'DESTROY_REFUSED', summary, hint: `virsh -c '${uri}' pool-start ${pool}` }
}
