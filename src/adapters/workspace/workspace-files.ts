import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { problem } from '../../core/problem.ts'
import type { WorkspaceFiles } from '../../ports/workspace-files.ts'

/** The folder that holds `h2k.yaml`. */
export function createWorkspaceFiles(root: string): WorkspaceFiles {
  const resolveFrom = (file: string, path: string) =>
    isAbsolute(path) ? resolve(path) : resolve(root, dirname(file), path)
  return {
    root,
    async find(patterns) {
      const found = new Set<string>()
      for await (const file of glob([...patterns], { cwd: root })) found.add(file.split(sep).join('/'))
      return [...found].sort()
    },
    read(file) {
      try {
        return readFileSync(join(root, file))
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code
        if (file === 'h2k.yaml' && code === 'ENOENT') {
          throw problem('WORKSPACE_MISSING', `${root} has no h2k.yaml`, {
            hint: 'h2k init makes one; -C DIR names another folder',
          })
        }
        throw problem('FILE_UNREADABLE', `the file cannot be read: ${code}`, { at: { file } })
      }
    },
    resolve: resolveFrom,
    join,
  }
}
