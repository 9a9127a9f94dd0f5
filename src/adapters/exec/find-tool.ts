import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { problem } from '../../core/problem.ts'

const packages: Readonly<Record<string, string>> = {
  'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  setpriv: 'util-linux',
  'virt-v2v-in-place': 'virt-v2v',
}

/** The absolute path of a tool on PATH, or of an executable file; undefined when it is not there. */
export function findTool(name: string, path = process.env.PATH ?? ''): string | undefined {
  if (name.startsWith('/')) return isExecutable(name) ? name : undefined
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/** @throws ProblemError TOOL_MISSING with the package that brings it */
export function requireTool(name: string): string {
  const found = findTool(name)
  if (found) return found
  if (name.startsWith('/')) throw problem('TOOL_MISSING', `${name} is not an executable file`)
  const from = packages[name]
  throw problem('TOOL_MISSING', `${name} is not on PATH`, {
    hint: from ? `apt-get install ${from}` : `install ${name}`,
  })
}

// A folder of PATH that cannot be looked into has no tool for us, whatever the reason.
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
