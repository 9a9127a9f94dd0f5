import { hash } from 'node:crypto'
import { accessSync, constants, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Hook, PythonHook } from '../../core/hook.ts'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import { titleOf } from './attempt.ts'

/** The sha256, in hex, of a hook's file. @throws ProblemError HOOK_MISSING */
export function contentHash(hook: Hook, path: string): string {
  requireFile(hook, path)
  try {
    return hash('sha256', readFileSync(path), 'hex')
  } catch (error) {
    throw unusable(hook, path, error)
  }
}

/** @throws ProblemError HOOK_MISSING */
export function requireFile(hook: Hook, path: string): void {
  if (statOf(hook, path)?.isFile()) return
  throw problem('HOOK_MISSING', `${titleOf(hook)}: ${printable(path)} is not there, or is no file`)
}

/** @throws ProblemError HOOK_MISSING */
export function requireFolder(hook: Hook, path: string): void {
  if (statOf(hook, path)?.isDirectory()) return
  throw problem('HOOK_MISSING', `${titleOf(hook)}: the folder ${printable(path)} is not there`)
}

/** @throws ProblemError HOOK_MISSING */
export function requireExecutable(hook: Hook, path: string): void {
  requireFile(hook, path)
  try {
    accessSync(path, constants.X_OK)
  } catch {
    const shown = printable(path)
    throw problem('HOOK_MISSING', `${titleOf(hook)}: ${shown} is not executable`, { hint: `chmod +x ${shown}` })
  }
}

/** The file of a Python hook's module. @throws ProblemError HOOK_MISSING */
export function moduleFile(hook: PythonHook): string {
  const name = hook.module.replaceAll('.', '/')
  const candidates = hook.pythonpath.flatMap((folder) => [
    join(folder, name, '__init__.py'),
    join(folder, `${name}.py`),
  ])
  const found = candidates.find((path) => statOf(hook, path)?.isFile())
  if (found !== undefined) return found
  throw problem('HOOK_MISSING', `${titleOf(hook)}: there is no module ${hook.module} in its pythonpath`, {
    detail: `looked for ${candidates.map(printable).join(', ')}`,
    hint: 'name the folder that holds it in pythonpath',
  })
}

function statOf(hook: Hook, path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw unusable(hook, path, error)
  }
}

function unusable(hook: Hook, path: string, error: unknown) {
  const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return problem('HOOK_MISSING', `${titleOf(hook)}: ${printable(path)} cannot be read: ${why}`)
}
