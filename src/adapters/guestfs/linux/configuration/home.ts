import type { GuestTree } from '../../../../ports/guest-tree.ts'
import type { ActEdit, Edit } from '../repair.ts'
import type { Account } from './accounts.ts'

/** A home of its own for a new user, with what the system puts in each. useradd(8) */
export async function homeFolder(tree: GuestTree, { home, uid, gid }: Account): Promise<readonly Edit[]> {
  if ((await tree.kind(home)) !== undefined) return []
  const edit: ActEdit = {
    kind: 'act',
    subject: home,
    summary: 'a home, with the files of /etc/skel',
    touches: [home],
    async perform() {
      await tree.makeFolder(home, { mode: 0o700 })
      await tree.setOwner(home, uid, gid)
      await copyFolder(tree, '/etc/skel', home, { uid, gid })
      return undefined
    },
  }
  return [edit]
}

type Owner = Pick<Account, 'uid' | 'gid'>

async function copyFolder(tree: GuestTree, from: string, to: string, owner: Owner): Promise<void> {
  for (const name of await tree.list(from)) {
    const [source, copy] = [`${from}/${name}`, `${to}/${name}`]
    const kind = await tree.kind(source)
    if (kind === 'directory') {
      await tree.makeFolder(copy, { mode: (await tree.mode(source)) ?? 0o755 })
      await tree.setOwner(copy, owner.uid, owner.gid)
      await copyFolder(tree, source, copy, owner)
    } else if (kind === 'file') {
      const content = await tree.readBytes(source)
      if (content === undefined) continue
      await tree.write(copy, content, { mode: (await tree.mode(source)) ?? 0o644 })
      await tree.setOwner(copy, owner.uid, owner.gid)
    }
  }
}

/** sshd(8): keys that may log in. The folder and the file have to be the user's, and nobody else's to write. */
export async function authorizedKeys(
  tree: GuestTree,
  account: Account,
  {
    name,
    ssh_authorized_keys: keys = [],
  }: { readonly name: string; readonly ssh_authorized_keys?: readonly string[] | undefined },
): Promise<readonly Edit[]> {
  const folder = `${account.home}/.ssh`
  const path = `${folder}/authorized_keys`
  const before = (await tree.read(path)) ?? ''
  const present = new Set(before.split('\n').map((line) => line.trim()))
  const missing = keys.map((key) => key.trim()).filter((key) => !present.has(key))
  if (missing.length === 0) return []
  const end = before === '' || before.endsWith('\n') ? '' : '\n'
  const content = `${before}${end}${missing.join('\n')}\n`
  const { uid, gid } = account
  const summary = `${missing.length === 1 ? 'a key' : `${missing.length} keys`} of ${name}`
  const edits: Edit[] = [{ kind: 'write', path, content, mode: 0o600, owner: { uid, gid }, summary }]
  if ((await tree.kind(folder)) !== undefined) return edits
  const makeFolder: ActEdit = {
    kind: 'act',
    subject: folder,
    summary: 'made',
    touches: [folder],
    async perform() {
      await tree.makeFolder(folder, { mode: 0o700 })
      await tree.setOwner(folder, uid, gid)
      return undefined
    },
  }
  return [makeFolder, ...edits]
}
