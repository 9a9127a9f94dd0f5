import { rewritten } from '../repair.ts'
import { runTool } from '../run-tool.ts'
import type { Builder } from './builder.ts'

const path = '/etc/dracut.conf.d/h2k-virtio.conf'

/**
 * RHEL, SUSE, Photon and their kin. dracut(8) The image is made for any machine: else it would hold what fits the machine
 * that the tool runs on, which is not the guest's. The next kernel's image is made for the new machine again.
 */
export const dracut: Builder = {
  async configure({ tree }, modules) {
    const before = (await tree.read(path)) ?? ''
    if (modules.every((module) => new RegExp(`\\b${module}\\b`).test(before))) return []
    return rewritten(path, before, `add_drivers+=" ${modules.join(' ')} "\n`, `with ${modules.join(', ')}`)
  },
  async build({ tree, inspection: { distribution, version } }, { release, initramfs }) {
    // RHEL 6 makes no others and knows no such option.
    const anyMachine = /^6\b/.test(version) && distribution !== 'photon' ? [] : ['--no-hostonly']
    // Which encrypted devices there are is else known to images for one machine alone.
    const encrypted = await tree.read('/etc/crypttab')
    const install = encrypted?.match(/^\s*[^#\s]/m) ? ['--install', '/etc/crypttab'] : []
    await runTool(tree, ['dracut', '--force', ...anyMachine, ...install, initramfs.path, release], 1800)
  },
  growth: async () => 2.5,
}
