import { printable } from '../../core/printable.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import type { RbdImage } from '../../ports/rbd-images.ts'
import type { Finished } from '../../ports/runner.ts'

/** @throws ProblemError TOOL_MISSING when qemu-img said that it knows no Ceph */
export function refuseWithoutDriver({ stderr }: Pick<Finished, 'stderr'>): void {
  if (!/Unknown (?:driver|protocol) 'rbd'/.test(stderr)) return
  throw problem('TOOL_MISSING', 'qemu-img of this host has no driver for Ceph (rbd)', {
    hint: 'on this host: apt-get install qemu-block-extra, or dnf install qemu-kvm-block-rbd',
  })
}

/** Why qemu-img could not work with an image of Ceph, as one who sees it in a run needs it. */
export function rbdFailure(
  { pool, hosts }: Pick<RbdImage, 'pool' | 'hosts'>,
  { stderr, exitCode }: Pick<Finished, 'stderr' | 'exitCode'>,
): ProblemError {
  refuseWithoutDriver({ stderr })
  const at = hosts.map(({ name, port }) => (port === undefined ? name : `${name}:${port}`)).join(', ')
  const where = `Ceph, pool ${printable(pool)}${at === '' ? '' : ` at ${printable(at)}`}`
  // Its options would be in the way of the reason.
  const lines = stderr.split('\n').map((line) => line.replace(/^qemu-img: (?:Could not open '.*': )?/, '').trim())
  const words = printable(lines.filter(Boolean).slice(-3).join(': ').slice(0, 600)) || `qemu-img ended with ${exitCode}`
  if (/error connecting|Operation not permitted|Permission denied/i.test(stderr)) {
    return problem('TARGET_UNREACHABLE', `${where}: this host is not let in: ${words}`, {
      hint: 'h2k writes into rbd itself: this host has to reach the monitors, and the user of the pool has to have rights on it (profile rbd)',
    })
  }
  return problem('TARGET_FAILED', `${where}: ${words}`)
}
