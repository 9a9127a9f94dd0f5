import type { GuestInfo } from '../../../core/inspection.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'

// Below are the system's own accounts; 65534 is nobody.
const firstUser = 1000
const nobody = 65_534

/** Users who can log in, packages, and the services that start with the guest. */
export async function guestInfo(tree: GuestTree, packages: readonly string[]): Promise<GuestInfo> {
  const accounts = ((await tree.read('/etc/passwd')) ?? '').split('\n').flatMap((line) => {
    const [name = '', , uid = '', , , home = '', shell = ''] = line.split(':')
    const id = Number(uid)
    const person = uid !== '' && (id === 0 || (id >= firstUser && id !== nobody))
    return person && !/\/(nologin|false|sync)$/.test(shell) ? [{ name, uid: id, home, shell }] : []
  })
  const wanted = await tree.glob('/etc/systemd/system/*.wants/*')
  const started = await tree.glob('/etc/rc[2-5].d/S*')
  const runlevels = await tree.glob('/etc/runlevels/default/*')
  const services = [
    ...wanted.map(baseName).filter((name) => name.endsWith('.service')),
    ...started.map((path) => baseName(path).replace(/^S\d+/, '')),
    ...runlevels.map(baseName),
  ]
  return { users: accounts, packages, services: [...new Set(services)].sort() }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
