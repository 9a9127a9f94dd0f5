import { constants, type Dirent } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { printable } from '../../../core/printable.ts'
import { problem } from '../../../core/problem.ts'
import { isoPaths } from './iso9660.ts'

const deepest = 8
const mostFiles = 50_000

/**
 * The paths of what is in virtio-win, an ISO or a folder, from its top.
 * @throws ProblemError FILE_UNREADABLE
 */
export async function driverPaths(virtioWin: string): Promise<readonly string[]> {
  try {
    if ((await stat(virtioWin)).isDirectory()) return await folderPaths(virtioWin)
    const file = await open(virtioWin, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const paths = await isoPaths(file)
      if (paths) return paths
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error
    throw unreadable(virtioWin, code)
  }
  throw unreadable(virtioWin, 'it is no ISO of virtio-win, and no folder')
}

function unreadable(virtioWin: string, why: string) {
  return problem('FILE_UNREADABLE', `the drivers for Windows cannot be read: ${printable(virtioWin)}: ${why}`, {
    hint: 'let pipeline.fix.virtio_win name the ISO of virtio-win, or a folder with what is in it',
  })
}

async function folderPaths(top: string): Promise<readonly string[]> {
  const found: string[] = []
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > deepest) return
    for (const entry of await readdir(join(top, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (await leadsToFolder(entry, join(top, path))) await walk(path, depth + 1)
      else if (found.push(path) > mostFiles) throw unreadable(top, `more than ${mostFiles} files are in it`)
    }
  }
  await walk('', 0)
  return found
}

// virt-v2v follows links too.
async function leadsToFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}
