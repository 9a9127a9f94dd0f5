import type { Inspection } from '../../../core/inspection.ts'
import type { GuestChange } from '../../../core/repair.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import { backupFolder } from './apply-edit.ts'

const repair = 'selinux'

/**
 * Gives what was touched the labels of the guest's policy. Offline the kernel has no policy, so `restorecon` would refuse;
 * `setfiles` reads the policy's file. Where that fails, the guest labels all its files itself when it boots.
 */
export async function relabel(
  tree: GuestTree,
  { linux }: Inspection,
  paths: readonly string[],
): Promise<readonly GuestChange[]> {
  if (!linux || linux.selinux === 'absent' || linux.selinux === 'disabled' || paths.length === 0) return []
  const kept = (await tree.kind(backupFolder)) === undefined ? [] : ['/var/lib/h2k']
  const present: string[] = []
  for (const path of new Set([...paths, ...kept])) if ((await tree.kind(path)) !== undefined) present.push(path)
  if (present.length === 0) return []
  const summary = `labelled by the guest’s policy: ${present.length} paths`
  if (await setfiles(tree, present)) return [{ repair, subject: 'labels of SELinux', summary }]
  await tree.write('/.autorelabel', '')
  return [
    { repair, subject: '/.autorelabel', summary: 'the guest labels its files when it first boots, and boots again' },
  ]
}

async function setfiles(tree: GuestTree, paths: readonly string[]): Promise<boolean> {
  const config = (await tree.read('/etc/selinux/config')) ?? ''
  const type = /^\s*SELINUXTYPE=(\w+)/m.exec(config)?.[1] ?? 'targeted'
  const contexts = `/etc/selinux/${type}/contexts/files/file_contexts`
  const programs = ['/usr/sbin/setfiles', '/sbin/setfiles']
  for (const program of programs) {
    if ((await tree.kind(program)) !== 'file' || (await tree.kind(contexts)) !== 'file') continue
    // Each path with all that is in it: a folder may be new.
    const { exitCode } = await tree.run([program, '-F', contexts, ...paths], { timeoutSeconds: 600 })
    return exitCode === 0
  }
  return false
}
