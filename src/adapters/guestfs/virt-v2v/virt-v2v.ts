import { appendFileSync, existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageLocation } from '../../../core/image.ts'
import { printable } from '../../../core/printable.ts'
import { problem } from '../../../core/problem.ts'
import type { Runner } from '../../../ports/runner.ts'
import type { VirtV2v } from '../../../ports/virt-v2v.ts'
import { driverPaths } from './drivers.ts'
import { readMessages } from './messages.ts'
import { sourceXml } from './source-xml.ts'
import { supervise } from './supervise.ts'

interface Means {
  readonly runner: Runner
  overlay(over: ImageLocation, path: string, signal: AbortSignal): Promise<void>
  emulated(signal: AbortSignal): Promise<boolean>
}

const tool = 'virt-v2v-in-place'
const mostSeconds = 7200

/** By `virt-v2v-in-place`, https://libguestfs.org/virt-v2v-in-place.1.html. */
export function createVirtV2v({ runner, overlay, emulated }: Means): VirtV2v {
  const version: VirtV2v['version'] = async (signal) => {
    const { stdout } = await runner.run({ file: tool, args: ['--version'], timeoutSeconds: 60 }, signal)
    return printable(stdout.trim()).replace(`${tool} `, '')
  }
  return {
    version,
    windowsHelper,
    drivers: driverPaths,
    async repair({ folder, disks }, { virtioWin, log }, signal) {
      const summary = `repaired by ${tool} ${await version(signal)}`
      for (const { image, overlay: path } of disks) await overlay(image, path, signal)
      const temporary = join(folder, 'tmp')
      await mkdir(temporary, { recursive: true, mode: 0o700 })
      try {
        const source = join(temporary, 'source.xml')
        await writeFile(source, sourceXml(disks.map((disk) => disk.overlay)))
        const keep = (text: string) => appendFileSync(log, text, { mode: 0o600 })
        const env = environment(temporary, await emulated(signal), virtioWin)
        const { exitCode, output } = await supervise(
          runner,
          {
            argv: [tool, '-i', 'libvirtxml', '--root', 'first', source],
            env,
            timeoutSeconds: mostSeconds,
            onOutput: keep,
          },
          signal,
        )
        const { errors, warnings } = readMessages(output)
        if (exitCode !== 0 || errors.length > 0) {
          throw problem('GUEST_REPAIR_FAILED', errors.join('; ') || `${tool} failed with ${exitCode}`, {
            hint: `all that it said is in ${log}`,
          })
        }
        return { changes: [{ repair: 'virt-v2v', subject: 'guest', summary }], findings: warnings }
      } finally {
        await rm(temporary, { recursive: true, force: true })
      }
    },
  }
}

// Either serves. Debian's virt-v2v comes without, since they are programs of Windows.
function windowsHelper(): string | undefined {
  const folder = process.env.VIRT_TOOLS_DATA_DIR ?? '/usr/share/virt-tools'
  return ['rhsrvany.exe', 'pvvxsvc.exe'].map((name) => join(folder, name)).find((path) => existsSync(path))
}

function environment(temporary: string, emulated: boolean, virtioWin: string | undefined): Record<string, string> {
  const { PATH, HOME, TMPDIR, VIRT_TOOLS_DATA_DIR } = process.env
  return {
    PATH: PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: HOME ?? '/',
    LC_ALL: 'C',
    LIBGUESTFS_BACKEND: 'direct',
    LIBGUESTFS_TMPDIR: temporary,
    VIRT_V2V_TMPDIR: temporary,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(emulated ? { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } : {}),
    ...(virtioWin === undefined ? {} : { VIRTIO_WIN: virtioWin }),
    ...(VIRT_TOOLS_DATA_DIR === undefined ? {} : { VIRT_TOOLS_DATA_DIR }),
  }
}
