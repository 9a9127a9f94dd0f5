import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { flushBehind } from '../../core/flush-behind.ts'
import type { FileIdentity, ImageLocation } from '../../core/image.ts'
import type { Conversion, OutputFormat } from '../../core/machine.ts'
import type { DiskToCopy } from '../../ports/disks.ts'
import type { Runner } from '../../ports/runner.ts'
import type { Work } from '../../ports/work.ts'
import type { CopyWork } from './claimed.ts'
import { imageOptions } from './image-options.ts'

/** What a written file is completed and hashed with. */
export interface Completion {
  partialName(path: string): string
  /** Removes what an unfinished copy left. */
  discard(partial: string): Promise<void>
  flush(path: string): Promise<void>
  complete(partial: string, path: string): Promise<FileIdentity>
  sha256(path: string, signal: AbortSignal): Promise<string>
  /** What a person can act on, of an error of writing. */
  unwritable(error: unknown, path: string): unknown
}

type Readable = Pick<DiskToCopy, 'image' | 'shared'>

export interface ConvertTo extends Conversion {
  readonly path: string
  readonly format: OutputFormat
  readonly dataBytes: number
}

/**
 * Copies with `qemu-img convert`, writes in order (no `-W`): the same source then always gives the same file, which is what
 * its checksum is good for. What that costs stands in docs/performance.md.
 */
export async function convertWithQemu(
  runner: Runner,
  completion: Completion,
  from: Readable,
  to: ConvertTo,
  work: CopyWork,
): Promise<{ file: FileIdentity; sha256: string }> {
  const partial = completion.partialName(to.path)
  await makeFolderOf(to.path, completion)
  await completion.discard(partial)
  const flushes = flushBehind(() => completion.flush(partial))
  try {
    await runConvert(runner, from, { ...to, path: partial }, work, flushes.reached)
    const flushed = async () => {
      await flushes.settled()
      await completion.flush(partial)
    }
    // What is hashed is still in memory; the disk is waited for meanwhile.
    const [sha256] = await Promise.all([completion.sha256(partial, work.signal), flushed()])
    await work.confirm()
    return { file: await completion.complete(partial, to.path), sha256 }
  } catch (error) {
    await flushes.over()
    await completion.discard(partial)
    throw completion.unwritable(error, to.path)
  }
}

/**
 * Makes a raw image first, for `use` to go on with, and removes it again: for what can be told only to h2k's own writer and
 * be read only by qemu. Each of the two counts for half of the progress.
 */
export async function withRawCopy<Result>(
  runner: Runner,
  completion: Completion,
  from: Readable,
  { path, dataBytes }: Pick<ConvertTo, 'path' | 'dataBytes'>,
  { signal, progress, confirm }: CopyWork,
  use: (raw: ImageLocation, work: CopyWork) => Promise<Result>,
): Promise<Result> {
  const raw = `${completion.partialName(path)}.raw`
  await makeFolderOf(path, completion)
  await rm(raw, { force: true })
  try {
    const half = (bytes: number) => progress(Math.min(dataBytes, bytes) / 2)
    await runConvert(
      runner,
      from,
      { path: raw, format: 'raw', preallocation: 'off', dataBytes },
      { signal, progress: half },
    )
    const rest = (bytes: number) => progress((dataBytes + Math.min(dataBytes, bytes)) / 2)
    return await use({ path: raw, format: 'raw' }, { signal, progress: rest, confirm })
  } finally {
    await rm(raw, { force: true })
  }
}

async function makeFolderOf(path: string, { unwritable }: Completion): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw unwritable(error, path)
  })
}

async function runConvert(
  runner: Runner,
  { image, shared }: Readable,
  to: ConvertTo,
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
  reached: (percent: number) => void = () => {},
): Promise<void> {
  await runner.run(
    {
      file: 'qemu-img',
      args: [
        'convert',
        '-p',
        ...(shared ? ['-U'] : []),
        '--image-opts',
        imageOptions(image),
        ...targetOptions(to),
        to.path,
      ],
      onOutput: percentReader((percent) => {
        progress(Math.round((to.dataBytes * percent) / 100))
        // Before, the file may not be there yet.
        if (percent > 0) reached(percent)
      }),
    },
    signal,
  )
}

function targetOptions({ format, compression, preallocation, direct }: ConvertTo): string[] {
  const options = [
    ...(compression ? [`compression_type=${compression}`] : []),
    ...(preallocation === 'off' ? [] : [`preallocation=${preallocation}`]),
  ]
  const past = direct ? ['-t', 'none', '-T', 'none'] : []
  return [
    ...past,
    ...(compression ? ['-c'] : []),
    '-O',
    format,
    ...(options.length > 0 ? ['-o', options.join(',')] : []),
  ]
}

/** Reads the `(12.34/100%)` that `-p` prints, in whatever pieces it arrives; tells each whole percent once. */
export function percentReader(tell: (percent: number) => void): (text: string) => void {
  let rest = ''
  let told = -1
  return (text) => {
    rest = (rest + text).slice(-64)
    const last = [...rest.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)
    const percent = Math.floor(Number(last?.[1] ?? -1))
    if (percent <= told) return
    told = percent
    tell(percent)
  }
}
