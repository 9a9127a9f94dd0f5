import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { builtInPrefix } from '../../core/layer.ts'
import { ProblemError, problem } from '../../core/problem.ts'
import type { WorkspaceFiles } from '../../ports/workspace-files.ts'

// Far above what a file of the language may have: only so that nothing is read for nothing.
const maxBytes = 8 * 1024 * 1024

function readBounded(path: string, file: string): Uint8Array {
  // A link could make a problem quote a file that whoever wrote it may not read.
  if (lstatSync(path).isSymbolicLink()) {
    throw problem('FILE_UNREADABLE', 'this is a symbolic link', { hint: 'put the file itself there', at: { file } })
  }
  const stat = statSync(path)
  if (!stat.isFile()) throw problem('FILE_UNREADABLE', 'this is no file', { at: { file } })
  if (stat.size <= maxBytes) return readFileSync(path)
  throw problem('FILE_TOO_LARGE', `the file has ${stat.size} bytes`, { hint: 'leave it out of include', at: { file } })
}

/** The folder that holds `h2k.yaml`. */
export function createWorkspaceFiles(root: string, packageRoot: string): WorkspaceFiles {
  const resolveFrom = (file: string, path: string) =>
    isAbsolute(path) ? resolve(path) : resolve(root, dirname(file), path)
  return {
    root,
    async find(patterns) {
      const found = new Set<string>()
      for await (const file of glob([...patterns], { cwd: root })) found.add(file.split(sep).join('/'))
      return [...found].sort()
    },
    list(folder) {
      try {
        const entries = readdirSync(resolve(root, folder), { withFileTypes: true })
        const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
        return names
          .sort()
          .map((name) => (folder === '' || folder === '.' ? name : `${folder.replace(/\/+$/, '')}/${name}`))
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code
        if (code === 'ENOENT') return undefined
        throw problem('FILE_UNREADABLE', `the folder cannot be read: ${code}`, { at: { file: folder } })
      }
    },
    read(file) {
      try {
        const builtIn = file.startsWith(builtInPrefix)
        return readBounded(builtIn ? join(packageRoot, file.slice(builtInPrefix.length)) : resolve(root, file), file)
      } catch (error) {
        if (error instanceof ProblemError) throw error
        const code = (error as NodeJS.ErrnoException).code
        if (file === 'h2k.yaml' && code === 'ENOENT') {
          throw problem('WORKSPACE_MISSING', `${root} has no h2k.yaml`, {
            hint: 'h2k init makes one; -C DIR names another folder',
          })
        }
        throw problem('FILE_UNREADABLE', `the file cannot be read: ${code}`, { at: { file } })
      }
    },
    relative: (path) =>
      path.startsWith(`${root}${sep}`)
        ? path
            .slice(root.length + 1)
            .split(sep)
            .join('/')
        : path,
    builtInProfiles: () => readdirSync(join(packageRoot, 'profiles')).map((name) => `${builtInPrefix}profiles/${name}`),
    resolve: resolveFrom,
    join,
  }
}
