import type { GuestTree } from '../../../../ports/guest-tree.ts'
import { rewritten } from '../repair.ts'
import { runTool } from '../run-tool.ts'
import type { Builder } from './builder.ts'

const folder = '/etc/initramfs-tools'
// Read after all others, for as long as the image is built.
const override = `${folder}/conf.d/zz-h2k`

/** Debian, Ubuntu. initramfs-tools(7) */
export const initramfsTools: Builder = {
  async configure({ tree }, modules) {
    const path = `${folder}/modules`
    const before = (await tree.read(path)) ?? ''
    const listed = new Set(before.split('\n').map((line) => line.trim().split(/\s+/)[0]))
    const missing = modules.filter((module) => !listed.has(module))
    if (missing.length === 0) return []
    const end = before === '' || before.endsWith('\n') ? '' : '\n'
    return rewritten(path, before, `${before}${end}${missing.join('\n')}\n`, `with ${missing.join(', ')}`)
  },
  async build({ tree, emulated }, { release }) {
    const setting = await settingsOf(tree)
    const settings = [
      // It would take the drivers of the machine that it runs on, which is not the guest's.
      ...(setting('MODULES') === 'dep' ? ['MODULES=most\n'] : []),
      // The default, 9, takes longer there than all the rest.
      ...(emulated && setting('COMPRESS') === 'zstd' && !setting('COMPRESSLEVEL') ? ['COMPRESSLEVEL=1\n'] : []),
    ]
    if (settings.length > 0) {
      await tree.makeFolder(`${folder}/conf.d`)
      await tree.write(override, settings.join(''))
    }
    await runTool(tree, ['update-initramfs', '-u', '-k', release], 1800)
    if (settings.length > 0) await tree.remove(override)
  },
  growth: async (tree) => ((await settingsOf(tree))('MODULES') === 'dep' ? 4 : 1.3),
}

/** initramfs.conf(5): the last file that has a setting counts. */
async function settingsOf(tree: GuestTree): Promise<(name: string) => string | undefined> {
  const files = [`${folder}/initramfs.conf`, ...(await tree.glob(`${folder}/conf.d/*`))]
  const texts = await Promise.all(files.map(async (file) => (await tree.read(file)) ?? ''))
  const lines = [...texts.join('\n').matchAll(/^\s*([A-Z]+)=["']?(\w*)/gm)]
  const settings = new Map(lines.map(([, name = '', value = '']) => [name, value]))
  return (name) => settings.get(name)
}
