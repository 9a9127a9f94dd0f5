import { problemsOf } from '../core/problem.ts'
import { connectTools } from './wiring.ts'

/** One thing that h2k uses on this host. */
export interface Examined {
  readonly name: string
  /** Its version, or that it is there; absent when it is not. */
  readonly found?: string
  /** Without it nothing can be converted. */
  readonly needed: boolean
  /** What does not work without it. */
  readonly costs: string
  readonly install: string
}

/** Looks at what this host has. */
export async function examine(): Promise<readonly Examined[]> {
  const { disks, findTool, sqliteVersion } = connectTools()
  const tool = (name: string, costs: string, install: string): Examined => {
    const path = findTool(name)
    return { name, needed: false, costs, install, ...(path ? { found: `at ${path}` } : {}) }
  }
  return [
    { name: 'node', found: process.versions.node, needed: true, costs: 'h2k itself', install: 'install Node 24' },
    { name: 'sqlite', found: sqliteVersion(), needed: true, costs: 'the state', install: 'npm install h2k' },
    await qemuImg(disks.tools),
    tool('setpriv', 'tools would outlive an h2k that is killed', 'apt-get install util-linux'),
    tool('git', 'the history does not name the commit of a run', 'apt-get install git'),
    tool(
      'virsh',
      'the domain.xml cannot be defined on this host',
      'apt-get install libvirt-clients libvirt-daemon-system',
    ),
  ]
}

async function qemuImg(tools: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>): Promise<Examined> {
  const rest = {
    name: 'qemu-img',
    needed: true,
    costs: 'no disk can be converted',
    install: 'apt-get install qemu-utils',
  }
  try {
    const version = (await tools(AbortSignal.timeout(30_000)))['qemu-img']
    return version === undefined ? rest : { ...rest, found: version }
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return { ...rest, costs: `${rest.costs} (${problems.map(({ summary }) => summary).join('; ')})` }
  }
}
