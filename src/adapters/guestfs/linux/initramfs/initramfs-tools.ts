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
  async build(tree, _inspection, { release }) {
    const argv = ['update-initramfs', '-u', '-k', release]
    if (!(await dependsOnMachine(tree))) {
      await runTool(tree, argv, 1800)
      return
    }
    await tree.makeFolder(`${folder}/conf.d`)
    await tree.write(override, 'MODULES=most\n')
    await runTool(tree, argv, 1800)
    await tree.remove(override)
  },
  growth: async (tree) => ((await dependsOnMachine(tree)) ? 4 : 1.2),
}

/** Whether it would take the drivers of the machine that it runs on, which is not the guest's. */
async function dependsOnMachine(tree: GuestTree): Promise<boolean> {
  const files = [`${folder}/initramfs.conf`, ...(await tree.glob(`${folder}/conf.d/*`))]
  let modules = 'most'
  for (const file of files) {
    const text = (await tree.read(file)) ?? ''
    modules = [...text.matchAll(/^\s*MODULES=["']?(\w+)/gm)].at(-1)?.[1] ?? modules
  }
  return modules === 'dep'
}
