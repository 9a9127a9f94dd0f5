import { type Edit, type Repair, rewritten } from './repair.ts'

/** xorg.conf(5): a screen that is told to use VMware's card stays black; the common driver fits the target's. */
export const xorg: Repair = {
  name: 'xorg',
  async detect({ tree, request }) {
    if (!request.adaptDrivers) return []
    const edits: Edit[] = []
    for (const path of ['/etc/X11/xorg.conf', ...(await tree.glob('/etc/X11/xorg.conf.d/*.conf'))]) {
      const before = (await tree.kind(path)) === 'file' ? ((await tree.read(path)) ?? '') : ''
      const after = before.replace(/^([ \t]*Driver[ \t]+")vmware(")/gim, '$1modesetting$2')
      edits.push(...rewritten(path, before, after, 'vmware -> modesetting'))
    }
    return edits
  },
}
