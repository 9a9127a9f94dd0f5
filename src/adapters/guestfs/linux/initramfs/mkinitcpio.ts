import { rewritten } from '../repair.ts'
import { runTool } from '../run-tool.ts'
import type { Builder } from './builder.ts'

const path = '/etc/mkinitcpio.conf'

/** Arch. mkinitcpio.conf(5) */
export const mkinitcpio: Builder = {
  async configure({ tree }, modules) {
    const before = (await tree.read(path)) ?? ''
    // An array of the shell, or in old files one text.
    const line = /^(\s*MODULES=)(\(|")([^)"\n]*)(\)|")/m
    const listed = (line.exec(before)?.[3] ?? '').split(/\s+/).filter(Boolean)
    const all = [...listed, ...modules.filter((module) => !listed.includes(module))].join(' ')
    const after = line.test(before) ? before.replace(line, `$1$2${all}$4`) : `${before}MODULES=(${all})\n`
    return rewritten(path, before, after, `with ${modules.join(', ')}`)
  },
  async build({ tree }, { release, initramfs }) {
    // `autodetect` leaves out what the machine that it runs on does not need.
    await runTool(tree, ['mkinitcpio', '-S', 'autodetect', '-k', release, '-g', initramfs.path], 1800)
  },
  growth: async () => 4,
}
