import { rewritten } from '../repair.ts'
import { runTool } from '../run-tool.ts'
import type { Builder } from './builder.ts'

const path = '/etc/mkinitfs/mkinitfs.conf'

/** Alpine, which chooses drivers by feature: `virtio` has them all but the one of SCSI. */
export const mkinitfs: Builder = {
  async configure({ tree }, modules) {
    const before = (await tree.read(path)) ?? ''
    const line = /^(\s*features=")([^"]*)(")/m
    const listed = (line.exec(before)?.[2] ?? '').split(/\s+/).filter(Boolean)
    const wanted = ['virtio', ...(modules.includes('virtio_scsi') ? ['scsi'] : [])]
    const missing = wanted.filter((feature) => !listed.includes(feature))
    const after = line.test(before)
      ? before.replace(line, `$1${[...listed, ...missing].join(' ')}$3`)
      : `${before}features="base ${missing.join(' ')}"\n`
    return missing.length === 0 ? [] : rewritten(path, before, after, `with ${missing.join(', ')}`)
  },
  async build({ tree }, { release, initramfs }) {
    await runTool(tree, ['mkinitfs', '-o', initramfs.path, release], 1800)
  },
  growth: async () => 1.5,
}
