import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs'

/**
 * Writes a raw disk with what real guests hold: up to `mib` MiB of this machine's /usr, in stretches of 50 MiB with holes of
 * `holeMib` between.
 * @returns the MiB of data
 */
export function writeUsr(path: string, mib: number, holeMib = 50): number {
  const archive = `${path}.tar`
  spawnSync('sh', ['-c', `tar -c /usr 2>/dev/null | head -c ${mib}M >"$0"`, archive])
  const [from, to] = [openSync(archive, 'r'), openSync(path, 'w')]
  const block = Buffer.alloc(2 ** 20)
  let written = 0
  for (let count = readSync(from, block); count > 0; count = readSync(from, block)) {
    writeSync(to, block, 0, count, (written + Math.floor(written / 50) * holeMib) * 2 ** 20)
    written += 1
  }
  ftruncateSync(to, (written + Math.ceil(written / 50) * holeMib) * 2 ** 20)
  for (const file of [from, to]) closeSync(file)
  rmSync(archive)
  return written
}
