import { type Edit, type Guest, type Repair, rewritten } from './repair.ts'

/** LVM finds its volumes on disks that have other names and no serial numbers of VMware. */
export const lvm: Repair = {
  name: 'lvm',
  detect: async (guest) =>
    guest.request.adaptDrivers ? [...(await devicesFile(guest)), ...(await filters(guest))] : [],
}

/**
 * lvmdevices(8): where there is this file, LVM looks at no other disks than those in it, by what identified them at VMware.
 * Without it, it looks at all.
 */
async function devicesFile({ tree }: Guest): Promise<readonly Edit[]> {
  const path = '/etc/lvm/devices/system.devices'
  const text = await tree.read(path)
  if (text === undefined || !/^IDTYPE=(?:sys_wwid|sys_serial|wwid_\w+|devname|mpath_uuid)\b/m.test(text)) return []
  const summary = 'names the disks by what identifies them at VMware; without it LVM looks at all'
  return [{ kind: 'remove', path, summary, inInitramfs: true }]
}

const filter = /^([ \t]*(?:global_)?filter[ \t]*=[ \t]*\[)([^\]]*)\]/gm

/** lvm.conf(5): a filter that takes VMware's disks and no others. */
async function filters({ tree }: Guest): Promise<readonly Edit[]> {
  const path = '/etc/lvm/lvm.conf'
  const before = (await tree.read(path)) ?? ''
  const after = before.replace(filter, (line, head: string, patterns: string) => {
    const takes = [...patterns.matchAll(/"a(.)(.*?)\1"/g)].map(([, , pattern = '']) => pattern)
    const old = takes.some((pattern) => /\/dev\/\(?\[?(?:sd|disk|s)/.test(pattern))
    const rejects = /"r(.)(?:\.\*|\^?\.\*\$?)\1"/.test(patterns)
    if (!old || !rejects || takes.some((pattern) => /vd/.test(pattern))) return line
    return `${head} "a|^/dev/vd|",${patterns}]`
  })
  return rewritten(path, before, after, 'takes disks of virtio too').map((edit) => ({ ...edit, inInitramfs: true }))
}
