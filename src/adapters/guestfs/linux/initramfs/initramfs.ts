import { type GuestKernel, lackingDrivers, virtioModules } from '../../../../core/inspection.ts'
import { problem } from '../../../../core/problem.ts'
import type { GuestTree } from '../../../../ports/guest-tree.ts'
import type { ReadInitramfs } from '../../inspect/kernels.ts'
import { backupFolder } from '../apply-edit.ts'
import type { Edit, Guest, LeaveEdit, Repair } from '../repair.ts'
import { runTool } from '../run-tool.ts'
import type { Booted, Builder } from './builder.ts'
import { builders } from './builders.ts'

/** Each image that lacks drivers of KVM's devices is made anew by the tool that made it; the others stay as they are. */
export const initramfs: Repair = {
  name: 'initramfs',
  async detect(guest, earlier) {
    const { linux, request } = guest
    if (!request.adaptDrivers && !request.regenerateInitramfs) return []
    const kernels = linux.kernels.filter(hasImage)
    const stale = earlier.some((edit) => edit.inInitramfs)
      ? kernels
      : kernels.filter((kernel) => lackingDrivers(kernel).length > 0)
    const without = linux.kernels.flatMap(withoutDriver)
    if (stale.length === 0) return without
    const leave = (summary: string): readonly Edit[] => [
      ...without,
      ...stale.map(({ initramfs: { path }, release }): LeaveEdit => {
        return { kind: 'leave', subject: path, summary: `kernel ${release}: ${summary}`, severity: 'warning' }
      }),
    ]
    if (!request.regenerateInitramfs) return leave('its image stays as it is, since regen_initramfs is off')
    if (linux.initramfsTool === 'unknown') return leave('it is not known which tool makes its image')
    const builder = builders[linux.initramfsTool]
    const modules = virtioModules.filter((module) => stale.some(({ virtio }) => virtio[module] === 'module'))
    const edits = await builder.configure(guest, modules)
    return [...without, ...edits, ...stale.map((kernel) => rebuild(guest, builder, kernel))]
  },
}

function hasImage(kernel: GuestKernel): kernel is Booted {
  return kernel.initramfs !== undefined
}

function withoutDriver({ release, virtio }: GuestKernel): readonly LeaveEdit[] {
  const absent = virtioModules.filter((module) => virtio[module] === 'absent')
  if (absent.length === 0) return []
  const summary = `it has no ${absent.join(', ')}`
  return [{ kind: 'leave', subject: `kernel ${release}`, summary, severity: 'warning' }]
}

function rebuild(guest: Guest, builder: Builder, kernel: Booted): Edit {
  const { tree, request, readInitramfs } = guest
  const { path } = kernel.initramfs
  const missing = lackingDrivers(kernel)
  return {
    kind: 'act',
    subject: `initramfs of ${kernel.release}`,
    summary: missing.length > 0 ? `with ${missing.join(', ')}` : 'with what was changed before',
    touches: [path],
    async perform() {
      await checkSpace(tree, path, await builder.growth(tree))
      if (request.backup) await keepImage(tree, path)
      await builder.build(guest, kernel)
      return verify(readInitramfs, kernel)
    },
  }
}

/** The new image is written beside the old one. */
async function checkSpace(tree: GuestTree, image: string, growth: number): Promise<void> {
  const folder = image.slice(0, image.lastIndexOf('/')) || '/'
  const old = Number((await runTool(tree, ['stat', '-c', '%s', image])).trim())
  const [blocks = Number.NaN, blockBytes = Number.NaN] = (await runTool(tree, ['stat', '-f', '-c', '%a %S', folder]))
    .trim()
    .split(/\s+/)
    .map(Number)
  const [needed, free] = [Math.ceil(old * growth), blocks * blockBytes]
  if (free >= needed) return
  const mib = (bytes: number) => `${Math.ceil(bytes / 1048576)} MiB`
  throw problem(
    'GUEST_SPACE_SHORT',
    `${folder} of the guest has ${mib(free)} free, a new initramfs may take ${mib(needed)}`,
    {
      hint: 'remove kernels that the guest no longer uses, at its source',
    },
  )
}

async function keepImage(tree: GuestTree, image: string): Promise<void> {
  const copy = backupFolder + image
  if ((await tree.kind(copy)) !== undefined) return
  await tree.makeFolder(backupFolder, { mode: 0o700 })
  await tree.makeFolder(copy.slice(0, copy.lastIndexOf('/')))
  await runTool(tree, ['cp', '-p', image, copy])
}

async function verify(readInitramfs: ReadInitramfs, kernel: Booted): Promise<string | undefined> {
  const { path } = kernel.initramfs
  const holds = await readInitramfs(path)
  if (!holds) return 'made anew; what it holds could not be read'
  const missing = lackingDrivers({ ...kernel, initramfs: { path, holds } })
  if (missing.length === 0) return undefined
  throw problem('GUEST_REPAIR_FAILED', `the new initramfs of ${kernel.release} holds no ${missing.join(', ')}`, {
    detail: path,
    hint: 'see that the guest’s kernel package is complete, at its source',
  })
}
