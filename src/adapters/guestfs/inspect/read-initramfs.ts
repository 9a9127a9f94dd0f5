import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { virtioModules } from '../../../core/inspection.ts'
import type { Runner } from '../../../ports/runner.ts'
import type { Appliance } from '../appliance.ts'
import { createInflate } from '../inflate.ts'
import { initramfsNames } from './initramfs.ts'
import { hasModule, type ReadInitramfs } from './kernels.ts'

interface Options {
  readonly runner: Runner
  /** A folder, absolute. */
  readonly temporary: string
  readonly signal: AbortSignal
}

/** Reads images on the host, one after the other: they share a name, and memory. */
export function createReadInitramfs(appliance: Appliance, { runner, temporary, signal }: Options): ReadInitramfs {
  const inflate = createInflate(runner, temporary, signal)
  const local = join(temporary, 'initramfs.image')
  let previous: Promise<unknown> = Promise.resolve()
  return (path) => {
    const reading = previous.then(async () => {
      try {
        await appliance.call('download', [path, local])
        const names = await initramfsNames(await readFile(local), inflate)
        return names && virtioModules.filter((name) => hasModule(names, name))
      } finally {
        await rm(local, { force: true })
      }
    })
    previous = reading.catch(() => undefined)
    return reading
  }
}
