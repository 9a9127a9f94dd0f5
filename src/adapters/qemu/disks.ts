import type { ImageHeader, ImageLocation } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import type { Disks } from '../../ports/disks.ts'
import type { Runner } from '../../ports/runner.ts'
import { checkImage, compareImages } from './check.ts'
import { type Completion, convertWithQemu } from './convert.ts'
import { makeOverlay } from './overlay.ts'

const oldest = [5, 2] as const

/** Images by qemu-img, whose version is asked once; headers by h2k's own reader. */
export function createDisks(
  runner: Runner,
  completion: Completion,
  header: (image: ImageLocation, signal: AbortSignal) => Promise<ImageHeader>,
): Disks {
  let version: Promise<string> | undefined
  const tools = async (signal: AbortSignal) => {
    version ??= qemuVersion(runner, signal)
    return { 'qemu-img': await version }
  }
  return {
    header,
    async convert(from, to, work) {
      const { file, sha256 } = await convertWithQemu(runner, completion, from, to, work)
      return { file, sha256, engine: `qemu-img ${(await tools(work.signal))['qemu-img']}` }
    },
    check: (image, signal) => checkImage(runner, image, signal),
    compare: (from, to, signal) => compareImages(runner, from, to, signal),
    overlay: (over, path, signal) => makeOverlay(runner, over, path, signal),
    tools,
  }
}

async function qemuVersion(runner: Runner, signal: AbortSignal): Promise<string> {
  const { stdout } = await runner.run({ file: 'qemu-img', args: ['--version'], timeoutSeconds: 30 }, signal)
  const found = stdout.match(/version (\d+)\.(\d+)[.\d]*/)
  if (!found) throw problem('TOOL_FAILED', `qemu-img --version says ${JSON.stringify(stdout.slice(0, 80))}`)
  const [major, minor] = [Number(found[1]), Number(found[2])]
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw problem('TOOL_MISSING', `qemu-img ${major}.${minor} is too old`, { hint: 'install qemu-img 5.2 or newer' })
  }
  return found[0].slice('version '.length)
}
