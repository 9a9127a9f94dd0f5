import type { Hook } from '../../core/hook.ts'
import { asJson, type Json } from '../../core/json.ts'
import { contentHash, moduleFile, requireExecutable } from './hook-file.ts'

/** What a hook's effect depends on. @throws ProblemError HOOK_MISSING */
export function identityOf(hook: Hook): Json {
  // How long and how often h2k tries does not change what is tried, nor does the place of the manifest.
  const { timeoutSeconds: _limit, retry: _retry, continueOnError: _continue, folder: _folder, ...definition } = hook
  const file = fileOf(hook)
  if (hook.type === 'script') requireExecutable(hook, hook.path)
  return asJson({
    ...definition,
    // With a slash at its end a folder counts as one of the workspace even if it is the workspace itself.
    ...(hook.type === 'python' ? { pythonpath: hook.pythonpath.map((folder) => `${folder}/`) } : {}),
    ...(file === undefined ? {} : { sha256: contentHash(hook, file) }),
  })
}

function fileOf(hook: Hook): string | undefined {
  switch (hook.type) {
    case 'script':
    case 'node':
      return hook.path
    case 'python':
      return moduleFile(hook)
    case 'http':
      return undefined
  }
}
