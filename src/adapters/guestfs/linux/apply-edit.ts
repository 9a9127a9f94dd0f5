import type { GuestChange } from '../../../core/repair.ts'
import { unifiedDiff } from '../../../core/unified-diff.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import type { ActEdit, Edit, LeaveEdit } from './repair.ts'

/** Where the files of a guest are kept as they were, each under its own path. */
export const backupFolder = '/var/lib/h2k/backup'

export type Change = Exclude<Edit, LeaveEdit>

/** What an edit comes to, for the plan and the state. */
export async function changeOf(tree: GuestTree, repair: string, edit: Change): Promise<GuestChange> {
  if (edit.kind === 'act') return { repair, subject: edit.subject, summary: edit.summary }
  const change = { repair, subject: edit.path, summary: edit.summary }
  if (edit.kind === 'write' && edit.secret) return change
  // A folder or a link has no text.
  const isFile = (await tree.kind(edit.path)) === 'file'
  const before = isFile ? await tree.read(edit.path) : undefined
  const after = edit.kind === 'remove' ? undefined : edit.content
  if (before === undefined && after === undefined) return change
  const mode = isFile ? await tree.mode(edit.path) : edit.kind === 'write' ? edit.mode : undefined
  const diff = shownDiff(edit, before, after, mode)
  return diff === '' ? change : { ...change, diff }
}

/** Does it, and says what it came to where that is not its summary. With `backup`, the file as it was is kept first. */
export async function applyEdit(tree: GuestTree, edit: Change, backup: boolean): Promise<string | undefined> {
  if (edit.kind === 'act') return edit.perform()
  if (backup) await keep(tree, edit.path)
  await changeFile(tree, edit)
  return undefined
}

async function changeFile(tree: GuestTree, edit: Exclude<Change, ActEdit>): Promise<void> {
  switch (edit.kind) {
    case 'write':
      await tree.makeFolder(folderOf(edit.path))
      await tree.write(edit.path, edit.content, edit.mode === undefined ? {} : { mode: edit.mode })
      if (edit.owner) await tree.setOwner(edit.path, edit.owner.uid, edit.owner.gid)
      return
    case 'remove':
      return tree.remove(edit.path)
    case 'move':
      await tree.write(edit.path, edit.content)
      return tree.rename(edit.path, edit.to)
  }
}

/** The paths that exist after an edit and may lack their SELinux label. */
export function touched(edit: Change): readonly string[] {
  switch (edit.kind) {
    case 'act':
      return edit.touches
    case 'write':
      return [edit.path]
    case 'remove':
      return []
    case 'move':
      return [edit.to]
  }
}

// What is there already is older: the guest as it was before the first repair.
async function keep(tree: GuestTree, path: string): Promise<void> {
  const copy = backupFolder + path
  if ((await tree.kind(path)) !== 'file' || (await tree.kind(copy)) !== undefined) return
  const content = await tree.readBytes(path)
  if (content === undefined) return
  await tree.makeFolder(backupFolder, { mode: 0o700 })
  await tree.makeFolder(folderOf(copy))
  await tree.write(copy, content, { mode: (await tree.mode(path)) ?? 0o600 })
}

// The lines around a change may hold a secret, in a file that not everybody may read; and any line may say that it does.
function shownDiff(
  edit: Exclude<Change, ActEdit>,
  before: string | undefined,
  after: string | undefined,
  mode = 0o644,
): string {
  const isPrivate = (mode & 0o044) === 0
  if (isPrivate && (before === undefined || after === undefined)) return ''
  return unifiedDiff(edit.path, before, after, isPrivate ? 0 : 3, edit.kind === 'move' ? edit.to : edit.path).replace(
    secretLine,
    '$1…',
  )
}

const secretLine =
  /^([ +-].*?(?:psk|pass(?:word|phrase|wd)?|private-?key|preshared-?key|wep-?key\d?|secret)["']?\s*[:= ]\s*)\S.*$/gim

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
