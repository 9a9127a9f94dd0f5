import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { problemsOf } from '../../core/problem.ts'
import type { Runner } from '../../ports/runner.ts'

// `mov al, 0x10; out 0xf4, al; hlt` where a PC begins: 16 bytes below the end of its firmware.
const firmware = Buffer.alloc(0x1_0000, 0xf4)
firmware.set([0xb0, 0x10, 0xe6, 0xf4, 0xf4], 0xfff0)
// isa-debug-exit ends qemu with twice the byte plus one.
const expected = 0x21

/**
 * Whether KVM runs a program here: `/dev/kvm` may open and then fail, such as in a container or in a guest without nested
 * virtualization. Costs a tenth of a second.
 */
export async function kvmWorks(runner: Runner, signal: AbortSignal): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'h2k-kvm-'))
  try {
    const image = join(folder, 'firmware')
    await writeFile(image, firmware)
    const machine = ['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc,accel=kvm', '-cpu', 'host']
    const exit = ['-m', '16', '-bios', image, '-device', 'isa-debug-exit,iobase=0xf4,iosize=4']
    const { exitCode } = await runner.run(
      { file: 'qemu-system-x86_64', args: [...machine, ...exit], answers: 'any', timeoutSeconds: 10 },
      signal,
    )
    return exitCode === expected
  } catch (error) {
    // Without qemu, or with one that hangs, there is no KVM either.
    if (problemsOf(error)?.some(({ code }) => code === 'TOOL_TIMEOUT' || code === 'TOOL_MISSING')) return false
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
