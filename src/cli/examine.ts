import { problemsOf } from '../core/problem.ts'
import { connectTools } from './wiring.ts'

/** One thing that h2k uses on this host. */
export interface Examined {
  readonly name: string
  /** Its version, or where it is; absent when it is not there. */
  readonly found?: string
  /** Without it nothing can be converted. */
  readonly needed: boolean
  /** What does not work without it. */
  readonly costs: string
  /** The command that installs it on Debian. */
  readonly install: string
}

type Asked = Omit<Examined, 'found'>

/** Looks at what this host has. */
export async function examine(): Promise<readonly Examined[]> {
  const { disks, guests, rbd, findTool, sqliteVersion, whyNoLibdeflate } = connectTools()
  const onPath = (name: string, costs: string, from: string): Examined => {
    const path = findTool(name)
    return { name, needed: false, costs, install: apt(from), ...(path ? { found: `at ${path}` } : {}) }
  }
  return [
    { name: 'node', found: process.versions.node, needed: true, costs: 'h2k itself', install: 'install Node 24' },
    { name: 'sqlite', found: sqliteVersion(), needed: true, costs: 'the state', install: 'npm rebuild better-sqlite3' },
    await versioned(disks.tools, {
      name: 'qemu-img',
      needed: true,
      costs: 'no disk can be converted',
      install: apt('qemu-utils'),
    }),
    withLibdeflate(whyNoLibdeflate()),
    await versioned(async (signal) => ({ rbd: await rbd.driver(signal).then(() => 'known to qemu-img') }), {
      name: 'Ceph',
      needed: false,
      costs: 'no disk goes into a pool of type rbd',
      install: apt('qemu-block-extra'),
    }),
    await versioned(guests.tools, {
      name: 'libguestfs',
      needed: false,
      costs: 'no guest can be looked into: pipeline.inspect and pipeline.fix fail',
      install: apt('python3-guestfs libguestfs-tools'),
    }),
    onPath('qemu-system-x86_64', 'no boot test can run, and KVM counts as not working', 'qemu-system-x86'),
    onPath('virt-v2v-in-place', 'no Windows is repaired, and no Linux by pipeline.fix.fixer: virt-v2v', 'virt-v2v'),
    onPath('nbdkit', 'virt-v2v-in-place does not start', 'nbdkit'),
    onPath('virsh', 'no target of type libvirt can be reached', 'libvirt-clients'),
    onPath('python3', 'hooks of type python cannot run', 'python3'),
    onPath('setpriv', 'tools would outlive an h2k that is killed', 'util-linux'),
    onPath('git', 'the history does not name the commit of a run', 'git'),
  ]
}

const apt = (packages: string) => `apt-get install --no-install-recommends ${packages}`

function withLibdeflate(missing: string | undefined): Examined {
  const asked = { name: 'libdeflate', needed: false, install: apt('libdeflate0') }
  const costs = 'compressed VMDKs are inflated by zlib, which takes a quarter longer'
  return missing === undefined
    ? { ...asked, costs, found: 'libdeflate.so.0' }
    : { ...asked, costs: `${costs} (${missing})` }
}

/** A tool that tells its version; one that is there and cannot be used says why. */
async function versioned(
  tools: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>,
  asked: Asked,
): Promise<Examined> {
  try {
    const versions = await tools(AbortSignal.timeout(30_000))
    return { ...asked, found: Object.values(versions).join(', ') }
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return { ...asked, costs: `${asked.costs} (${problems.map(({ summary }) => summary).join('; ')})` }
  }
}
