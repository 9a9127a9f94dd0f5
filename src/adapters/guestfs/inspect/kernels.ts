import { type GuestKernel, type VirtioModule, virtioModules } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'

/** Which drivers an image of the initramfs holds; undefined when it could not be read. */
export type ReadInitramfs = (path: string) => Promise<readonly VirtioModule[] | undefined>

/** The kernels that can be booted, each with its drivers and its initramfs, the newest last. */
export async function readKernels(tree: GuestTree, readInitramfs: ReadInitramfs): Promise<readonly GuestKernel[]> {
  const releases = await tree.list('/lib/modules')
  const kernels = await Promise.all(
    releases.map(async (release): Promise<GuestKernel | undefined> => {
      const builtin = (await tree.read(`/lib/modules/${release}/modules.builtin`)) ?? ''
      const loadable = (await tree.read(`/lib/modules/${release}/modules.dep`)) ?? ''
      const names = await imageNames(tree, release)
      // What a removed kernel left: modules alone do not boot.
      if (names.length === 0 || (builtin === '' && loadable === '')) return undefined
      const path = await firstFile(tree, names.flatMap(initramfsPaths))
      const virtio = Object.fromEntries(virtioModules.map((name) => [name, placeOf(name, builtin, loadable)]))
      const known = { release, virtio: virtio as GuestKernel['virtio'] }
      if (path === undefined) return known
      const bytes = await tree.size(path)
      const holds = (await readInitramfs(path)) ?? []
      return { ...known, initramfs: { path, holds, ...(bytes === undefined ? {} : { bytes }) } }
    }),
  )
  return kernels.filter((kernel) => kernel !== undefined).toSorted((a, b) => compareVersions(a.release, b.release))
}

function placeOf(name: VirtioModule, builtin: string, loadable: string): 'builtin' | 'module' | 'absent' {
  if (hasModule(builtin.split('\n'), name)) return 'builtin'
  return hasModule(
    loadable.split('\n').map((line) => line.split(':')[0] ?? ''),
    name,
  )
    ? 'module'
    : 'absent'
}

/** Whether one of the paths is the module's, compressed or not. */
export function hasModule(paths: readonly string[], name: VirtioModule): boolean {
  const file = new RegExp(`(^|/)${name.replaceAll('_', '[_-]')}\\.ko(\\.(gz|xz|zst))?$`)
  return paths.some((path) => file.test(path))
}

/** What the files of a kernel are named after: its release, or what its package calls it, such as `linux` and `lts`. */
async function imageNames(tree: GuestTree, release: string): Promise<readonly string[]> {
  const packageName = (await tree.read(`/lib/modules/${release}/pkgbase`))?.trim()
  const flavor = release.match(/-([a-z]+)$/)?.[1]
  const names = [release, packageName, flavor].filter((name) => name !== undefined && name !== '') as string[]
  const found = await Promise.all(names.map((name) => firstFile(tree, kernelPaths(name))))
  const named = names.filter((_, index) => found[index] !== undefined)
  if (named.length > 0) return named
  const entries = await tree.glob(`/boot/*/${release}/linux`)
  const inModules = (await tree.kind(`/lib/modules/${release}/vmlinuz`)) !== undefined
  return entries.length > 0 || inModules ? [release] : []
}

function kernelPaths(name: string): string[] {
  return ['vmlinuz', 'vmlinux', 'bzImage', 'Image', 'kernel'].map((kind) => `/boot/${kind}-${name}`)
}

function initramfsPaths(name: string): string[] {
  return [
    `/boot/initrd.img-${name}`,
    `/boot/initramfs-${name}.img`,
    `/boot/initrd-${name}`,
    `/boot/initramfs-${name}`,
    `/boot/initrd-${name}.img`,
  ]
}

async function firstFile(tree: GuestTree, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await tree.kind(path)) === 'file') return path
  return undefined
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
