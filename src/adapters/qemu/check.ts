import type { ImageLocation } from '../../core/image.ts'
import type { Finding } from '../../core/outputs.ts'
import type { Runner } from '../../ports/runner.ts'
import { imageOptions } from './image-options.ts'

// Of qemu-img check: 2 corrupt, 3 leaked clusters, 63 when the format has no check.
const corrupt = 2
const leaked = 3
const unsupported = 63

/** Whether an image's own tables are sound; a raw image has none. */
export async function checkImage(runner: Runner, image: ImageLocation, signal: AbortSignal): Promise<Finding> {
  const finding = { rule: 'image_integrity', subject: image.path }
  if (image.format === 'raw') return { ...finding, severity: 'info', evidence: 'raw has no tables to check' }
  const { exitCode, stdout, stderr } = await runner.run(
    { file: 'qemu-img', args: ['check', '--image-opts', imageOptions(image)], answers: [corrupt, leaked, unsupported] },
    signal,
  )
  const said = (stderr || stdout).trim().split('\n').slice(-3).join(' | ')
  switch (exitCode) {
    case corrupt:
      return { ...finding, severity: 'critical', evidence: `qemu-img check: corrupt: ${said}` }
    case leaked:
      return { ...finding, severity: 'warning', evidence: `qemu-img check: ${said}` }
    case unsupported:
      return { ...finding, severity: 'info', evidence: `qemu-img has no check for ${image.format}` }
    default:
      return { ...finding, severity: 'info', evidence: 'qemu-img check found no errors' }
  }
}

/** Whether the guest sees the same bytes in both images. */
export async function compareImages(
  runner: Runner,
  from: ImageLocation,
  to: ImageLocation,
  signal: AbortSignal,
): Promise<Finding> {
  const args = ['compare', '--image-opts', imageOptions(from), imageOptions(to)]
  const { exitCode, stdout } = await runner.run({ file: 'qemu-img', args, answers: [1] }, signal)
  const same = exitCode === 0
  return {
    rule: 'content',
    subject: to.path,
    severity: same ? 'info' : 'critical',
    evidence: same ? 'every byte as at the source' : `qemu-img compare: ${stdout.trim()}`,
  }
}
