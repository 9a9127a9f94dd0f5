import type { Inspection } from '../../../../core/inspection.ts'
import type { Edit, Guest, Repair } from '../repair.ts'
import { mountedAt, namingOf, stableDevice } from '../stable-device.ts'
import { environmentBlock, type LoaderFile, loaderFiles } from './loader-files.ts'

/**
 * Boot loaders name the root device by UUID. Their files are edited instead of made anew: the distribution's own tool would
 * ask the machine that it runs on, which is not the guest's, and nothing else in them changes. The boot code stays as it is,
 * since the disk is the same one.
 */
export const rootDevice: Repair = {
  name: 'boot-loader',
  async detect(guest) {
    if (!guest.request.updateGrub) return []
    const edits = (await loaderFiles(guest.tree)).flatMap((file) => stabilized(guest, file))
    return [...edits, ...(await deviceMaps(guest))]
  },
}

// `rootpartition` is Photon's, `cryptdevice` Arch's.
const argument = /(?<![\w.-])(root|resume|rootpartition|cryptdevice|boot)=(["']?)(\/dev\/[^\s"':;]+)/g

function stabilized({ inspection, linux }: Guest, { path, kind, content }: LoaderFile): readonly Edit[] {
  const summaries = new Set<string>()
  const unknown = new Map<string, string>()
  const rewrite = (line: string) =>
    /^\s*#/.test(line)
      ? line
      : line.replace(argument, (written, key: string, quote: string, spec: string) => {
          if (namingOf(spec) === undefined) return written
          const stable = deviceOf(inspection, key, spec)
          if (stable === undefined) {
            unknown.set(spec, `${key}=${spec} stays: it is not known what it names`)
            return written
          }
          summaries.add(`${key}=${spec} -> ${key}=${stable}`)
          return `${key}=${quote}${stable}`
        })
  const after = content.split('\n').map(rewrite).join('\n')
  const left = [...unknown.values()].map((summary) => leave(path, summary))
  if (after === content) return left
  // The kernel itself finds no UUIDs.
  if (linux.kernels.length > 0 && linux.kernels.every(({ initramfs }) => initramfs === undefined)) {
    return [leave(path, 'a kernel without an initramfs needs the name of the device, such as root=/dev/vda1')]
  }
  const block = kind === 'environment' ? environmentBlock(after) : after
  if (block === undefined) return [leave(path, 'the longer arguments do not fit in its 1024 bytes')]
  return [{ kind: 'write', path, content: block, summary: [...summaries].join(', ') }, ...left]
}

const leave = (subject: string, summary: string): Edit => ({ kind: 'leave', subject, summary, severity: 'warning' })

function deviceOf(inspection: Inspection, key: string, spec: string): string | undefined {
  const stable = stableDevice(inspection, spec)
  const found = stable.kind === 'uuid' ? stable.spec : undefined
  if (key !== 'root' && key !== 'rootpartition') return found
  // Whatever it is called: the root is what the guest mounts there.
  const root = mountedAt(inspection, '/')
  const known = root?.uuid !== undefined && /^\/dev\/sd/.test(root.device) ? `UUID=${root.uuid}` : undefined
  return root === undefined || known === found ? found : known
}

// GRUB looks for the disks itself when there is no such file.
async function deviceMaps({ tree }: Guest): Promise<readonly Edit[]> {
  const edits: Edit[] = []
  for (const path of ['/boot/grub/device.map', '/boot/grub2/device.map']) {
    const names = ((await tree.read(path)) ?? '').split(/\s+/).filter((word) => namingOf(word) !== undefined)
    const old = names.filter((name) => !name.startsWith('/dev/vd'))
    if (old.length > 0) {
      edits.push({ kind: 'remove', path, summary: `names ${old.join(', ')}; GRUB finds the disks itself` })
    }
  }
  return edits
}
