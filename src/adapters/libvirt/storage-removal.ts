import { type Problem, ProblemError, problemsOf } from '../../core/problem.ts'
import type { Artifact } from '../../core/record.ts'
import type { Remains } from '../../core/removal.ts'
import type { ListedPool } from './list-pools.ts'
import type { LibvirtSight } from './sight.ts'
import type { Virsh } from './virsh.ts'
import { isLineOf, volumeLines } from './volumes.ts'

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
  { status, evidence }: Artifact,
  { pool, volume }: Thing,
  going: readonly Artifact[],
  sight: LibvirtSight,
  virsh: Virsh,
  signal: AbortSignal,
): Promise<Remains> {
  const gone: Remains = { standing: 'gone', bytes: 0, mark: '' }
  const listed = (await sight.pools(virsh, signal)).get(pool)
  if (!listed) return gone
  // A run that was stopped, or could not start it, has put nothing into it.
  if (!listed.active && status === 'intended' && volume === undefined)
    return { standing: 'unfinished', bytes: 0, mark: pool }
  if (!listed.active) return { standing: 'as made', bytes: 0, mark: pool, problem: poolOff(virsh.uri, pool) }
  if (volume === undefined) {
    const lines = contentIn(await sight.volumes(virsh, listed, signal))
    const holds = lines.filter((line) => !going.some((one) => isOf(line, one))).length
    return { standing: 'as made', bytes: 0, mark: pool, ...(holds > 0 ? { holds } : {}) }
  }
  if (!(await has(volume, sight, listed, virsh, signal))) return gone
  const places = going.flatMap((one) => storageOf(one) ?? [])
  const others = places.filter((one) => one.uri === virsh.uri && one.pool === pool).flatMap((one) => one.volume ?? [])
  const { bytes, modified } = await sight.volume(virsh, listed, volume, others, signal)
  const made = (evidence as { readonly file?: { readonly modified?: string } } | undefined)?.file?.modified
  const standing = status === 'intended' ? 'unfinished' : made === modified ? 'as made' : 'changed'
  return { standing, bytes, mark: `${bytes} ${modified}` }
}

/** Removes it. A pool that still holds something, of whomever, stays. */
export async function destroyStorage(
  { status }: Artifact,
  { pool, volume }: Thing,
  sight: LibvirtSight,
  virsh: Virsh,
  signal: AbortSignal,
): Promise<void> {
  const listed = (await sight.pools(virsh, signal)).get(pool)
  if (!listed) return
  const name = `--pool=${pool}`
  if (!listed.active) {
    if (status === 'made' || volume !== undefined) throw new ProblemError([poolOff(virsh.uri, pool)])
    await virsh.run(['pool-undefine', name], signal)
    return
  }
  if (volume !== undefined) {
    if (await has(volume, sight, listed, virsh, signal)) await removeVolume(virsh, listed, volume, sight, signal)
    return
  }
  // Anybody may have put something into it since.
  if (contentIn(await volumeLines(virsh, listed, signal)).length > 0) return
  await virsh.run([`pool-destroy ${listed.uuid}; pool-undefine ${listed.uuid}`], signal)
}

async function removeVolume(
  virsh: Virsh,
  pool: ListedPool,
  volume: string,
  sight: LibvirtSight,
  signal: AbortSignal,
): Promise<void> {
  try {
    await virsh.run(['vol-delete', `--pool=${pool.uuid}`, `--vol=${volume}`], signal)
  } catch (error) {
    const refused = problemsOf(error)?.some(({ code }) => code === 'TARGET_FAILED')
    sight.forget(virsh, pool)
    // Somebody was quicker.
    if (!refused || (await has(volume, sight, pool, virsh, signal))) throw error
  }
}

async function has(
  volume: string,
  sight: LibvirtSight,
  pool: ListedPool,
  virsh: Virsh,
  signal: AbortSignal,
): Promise<boolean> {
  return (await sight.volumes(virsh, pool, signal)).some((line) => isLineOf(line, volume))
}

/** What somebody put into it, by its lines. A new file system has its own folder for what it finds again. */
function contentIn(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !isLineOf(line, 'lost+found'))
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
