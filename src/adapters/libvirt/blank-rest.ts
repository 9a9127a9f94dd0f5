import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookAt } from './describe-volume.ts'
import type { Virsh } from './virsh.ts'

/**
 * Fills a volume with zeros behind its first `bytes`. LVM and its like give out whole extents, with what somebody else had in
 * them before, and a guest reads its disk to the end.
 * @throws ProblemError TARGET_FAILED, TARGET_UNREACHABLE
 */
export async function blankRest(
  virsh: Virsh,
  { pool, volume }: { readonly pool: string; readonly volume: string },
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const names = [`--pool=${pool}`, `--vol=${volume}`]
  const rest = (await lookAt(virsh, pool, volume, '', signal)).bytes - bytes
  if (rest <= 0) return
  const folder = await mkdtemp(join(tmpdir(), 'h2k-zeros-'))
  try {
    const zeros = join(folder, 'zeros')
    await writeFile(zeros, '')
    await truncate(zeros, rest)
    const from = [`--offset=${bytes}`, `--file=${zeros}`]
    await virsh.run(['vol-upload', '--sparse', ...names, ...from], signal, { timeoutSeconds: 3600, long: true })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
