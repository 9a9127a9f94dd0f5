import { type Edit, type Repair, rewritten } from './repair.ts'

const blocked =
  /^[ \t]*(?:blacklist[ \t]+virtio\w*|install[ \t]+virtio\w*[ \t]+\/(?:usr\/)?bin\/(?:true|false))[ \t]*$/gm
const adapters = /^([ \t]*alias[ \t]+scsi_hostadapter\d*[ \t]+)(?:mpt\w+|vmw_pvscsi|pvscsi|BusLogic)[ \t]*$/gm
const cards = /^([ \t]*alias[ \t]+eth\d+[ \t]+)(?:vmxnet3?|pcnet32|e1000e?)[ \t]*$/gm

/** modprobe.d(5): nothing keeps the drivers of virtio out, and old systems name them instead of VMware's. */
export const kernelModules: Repair = {
  name: 'kernel-modules',
  async detect({ tree, request }) {
    if (!request.adaptDrivers) return []
    const edits: Edit[] = []
    for (const path of [...(await tree.glob('/etc/modprobe.d/*')), '/etc/modprobe.conf']) {
      const before = (await tree.kind(path)) === 'file' ? ((await tree.read(path)) ?? '') : ''
      const after = before
        .replace(blocked, '# KVM needs it: $&')
        .replace(adapters, '$1virtio_blk')
        .replace(cards, '$1virtio_net')
      edits.push(
        ...rewritten(path, before, after, 'drivers of virtio').map((edit) => ({ ...edit, inInitramfs: true as const })),
      )
    }
    return edits
  },
}
