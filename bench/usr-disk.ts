import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs'

/**
 * Writes a raw disk with what real guests hold: up to `mib` MiB of this machine's /usr, in stretches with holes between, twice
 * as large as its data.
 * @returns the MiB of data
 */
export function writeUsr(path: string, mib: number): number {
  const archive = `${path}.tar`
  spawnSync('sh', ['-c', `tar -c /usr 2>/dev/null | head -c ${mib}M >"$0"`, archive])
  const [from, to] = [openSync(archive, 'r'), openSync(path, 'w')]
  const block = Buffer.alloc(2 ** 20)
  let written = 0
  for (let count = readSync(from, block); count > 0; count = readSync(from, block)) {
    writeSync(to, block, 0, count, (written + Math.floor(written / 50) * 50) * 2 ** 20)
    written += 1
  }
  ftruncateSync(to, written * 2 * 2 ** 20)
  for (const file of [from, to]) closeSync(file)
  rmSync(archive)
  return written
}
