import type { FileIdentity } from '../../core/image.ts'
import { ProblemError, problem, problemsOf } from '../../core/problem.ts'
import { blankRest } from './blank-rest.ts'
import { findPool, type Pool } from './pools.ts'
import type { Virsh } from './virsh.ts'

/** With less than this, what was written last had no room. */
const leastFreeBytes = 2 ** 20

type Source = Pick<FileIdentity, 'path' | 'bytes'>

interface Place {
  readonly pool: Pick<Pool, 'name' | 'kind'>
  readonly volume: string
}

interface Wanted extends Place {
  /** Hex, of the file. */
  readonly sha256: string
}

/** Puts all of a file into a volume that is there; settles with the SHA-256 (hex) of what came back. */
export type Send = (file: Source, signal: AbortSignal) => Promise<string>

/**
 * Makes a volume of a file of this host, and reads it back. One that is not whole is removed: it takes room that others may
 * want. Where it cannot be removed either, the state still knows it, and both are told.
 * @throws ProblemError RESULT_WRONG when other bytes came back, TARGET_FAILED, TARGET_UNREACHABLE
 */
export async function upload(
  virsh: Virsh,
  file: Source,
  { pool, volume, sha256 }: Wanted,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const make = [
    'vol-create-as',
    `--pool=${pool.name}`,
    `--name=${volume}`,
    `--capacity=${file.bytes}`,
    '--format=raw',
    ...(pool.kind === 'file' ? ['--allocation=0'] : []),
  ]
  await virsh.run(make, signal)
  try {
    if ((await send(file, signal)) === sha256) return
    throw await otherThanSent(virsh, pool.name, volume, signal)
  } catch (error) {
    const codes = problemsOf(error)?.map(({ code }) => code) ?? []
    // Where it is Ceph that does not answer this host, libvirt may well.
    const known = codes.some((code) => pool.kind === 'network' || code === 'TARGET_FAILED' || code === 'RESULT_WRONG')
    if (known) await removeHalf(virsh, pool.name, volume, error, signal)
    throw error
  }
}

// libvirt may take all of a stream and say nothing of what its storage had no room for.
async function otherThanSent(virsh: Virsh, pool: string, volume: string, signal: AbortSignal): Promise<ProblemError> {
  const { freeBytes = Number.POSITIVE_INFINITY } = (await findPool(virsh, pool, signal)) ?? {}
  const summary = `${virsh.uri}: the volume ${pool}/${volume} is not what was sent`
  return freeBytes < leastFreeBytes
    ? problem('RESULT_WRONG', `${summary}: No space left in the pool`, { hint: 'make room in it, then apply again' })
    : problem('RESULT_WRONG', summary, { hint: 'look at the storage of that host, then apply again' })
}

/** Sends it over libvirt's connection, and has it sent back. */
export function overConnection(virsh: Virsh, { pool, volume }: Place): Send {
  const names = [`--pool=${pool.name}`, `--vol=${volume}`]
  return async ({ path, bytes }, signal) => {
    const patience = { timeoutSeconds: 3600 + Math.ceil(bytes / 1e6), long: true }
    await virsh.run(['vol-upload', '--sparse', ...names, `--file=${path}`], signal, patience)
    if (pool.kind === 'block') await blankRest(virsh, { pool: pool.name, volume }, bytes, signal)
    return await virsh.digest(['vol-download', ...names, `--length=${bytes}`], signal, patience)
  }
}

// What went wrong first is why there is something to remove at all.
async function removeHalf(virsh: Virsh, pool: string, volume: string, why: unknown, signal: AbortSignal) {
  try {
    await virsh.run(['vol-delete', `--pool=${pool}`, `--vol=${volume}`], signal)
  } catch (error) {
    const left = problemsOf(error)?.map((problem) => ({
      ...problem,
      summary: `the volume ${pool}/${volume}, which is not whole, could not be removed: ${problem.summary}`,
      hint: 'the next apply makes it anew; what it takes up in the pool is free only then',
    }))
    if (left) throw new ProblemError([...(problemsOf(why) ?? []), ...left], { cause: why })
    throw error
  }
}
