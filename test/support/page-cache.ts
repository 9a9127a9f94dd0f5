import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'

const mib = 2 ** 20

/** How much of a file the kernel has in memory, in MiB. */
export function mibInMemory(path: string): number {
  const { stdout } = execaSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path])
  return Number(stdout) / mib
}

/** A file of which nothing is in memory, but where its file system is memory. */
export function coldFile(path: string, mibs: number): string {
  const file = openSync(path, 'w')
  for (let at = 0; at < mibs; at++) writeSync(file, Buffer.alloc(mib, at))
  fsyncSync(file)
  closeSync(file)
  execaSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'])
  return path
}

/** Whether files in a folder are nowhere but in memory. */
export function isInMemory(folder: string): boolean {
  const path = coldFile(join(folder, 'probe'), 1)
  const memory = mibInMemory(path) > 0
  rmSync(path)
  return memory
}
