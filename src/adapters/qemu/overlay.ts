import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ImageLocation } from '../../core/image.ts'
import type { Runner } from '../../ports/runner.ts'
import { driverOf, imageName } from './image-options.ts'

/**
 * Makes an empty qcow2 over an image, in place of whatever has that name: what is written goes there, and the image is only
 * read.
 */
export async function makeOverlay(
  runner: Runner,
  over: ImageLocation,
  path: string,
  signal: AbortSignal,
  forLibvirt = false,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await rm(path, { force: true })
  // What begins with a slash is a path to qemu, whatever else is in it.
  const backing = ['-F', driverOf(over), '-b', forLibvirt ? over.path : imageName(over)]
  await runner.run(
    { file: 'qemu-img', args: ['create', '-q', '-f', 'qcow2', ...backing, path], timeoutSeconds: 300 },
    signal,
  )
}
