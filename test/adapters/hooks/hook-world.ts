import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, onTestFinished, TestRunner } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { createHooks } from '../../../src/adapters/hooks/hooks.ts'
import type { Lookup } from '../../../src/adapters/hooks/request.ts'
import { createClock } from '../../../src/adapters/host/clock.ts'
import type { Hook } from '../../../src/core/hook.ts'
import { contextShape, type HookContext } from '../../../src/core/hook-context.ts'
import { hooksSchema, resolveHooks } from '../../../src/core/language/hooks.ts'

export const context: HookContext = {
  ...contextShape,
  stage: 'pre_fix',
  run_id: 'run-1',
  vm_name: 'web {{ os }} "x" $(id) é\n漢字',
  os: 'linux',
}

// What is on PATH may be a script that looks for the real one, and takes longer than that.
const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
const searchPath = `${dirname(python)}:${process.env.PATH}`

interface RunOptions {
  readonly signal?: AbortSignal
  readonly told?: HookContext
  readonly onLog?: (text: string) => void
}

/** A folder with hooks, and what runs them; removed when the test that made it is over, or the file. */
export function hookWorld(
  options: { environment?: Record<string, string>; lookup?: Lookup; random?: () => number } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-hooks-'))
  const over = TestRunner.getCurrentTest() === undefined ? afterAll : onTestFinished
  over(() => rmSync(folder, { recursive: true }))
  const environment = {
    PATH: searchPath,
    HOME: folder,
    LANG: 'C.UTF-8',
    SECRET_OF_H2K: 'never-seen',
    ...options.environment,
  }
  const slept: number[] = []
  const hooks = createHooks({
    runner: createRunner(),
    clock: createClock(),
    ...options,
    environment,
    async sleep(seconds, signal) {
      slept.push(seconds)
      signal.throwIfAborted()
    },
  })
  return {
    folder,
    /** Seconds of each wait between attempts. */
    slept,
    hook: (definition: object) => resolved(definition, folder),
    identity: (definition: object) => hooks.identity(resolved(definition, folder)),
    file(name: string, content: string, mode = 0o755) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content, { mode })
      return path
    },
    /** Runs a hook as a manifest writes it. */
    async run(definition: object, { signal = new AbortController().signal, told = context, onLog }: RunOptions = {}) {
      let log = ''
      const result = await hooks.run(resolved(definition, folder), told, {
        signal,
        log(text) {
          log += text
          onLog?.(text)
        },
      })
      return { ...result, log }
    },
  }
}

function resolved(definition: object, folder: string): Hook {
  const parsed = hooksSchema.parse({ pre_fix: [{ name: 'it', ...definition }] })
  const [hook] = resolveHooks(parsed, (path) => resolve(folder, path)).pre_fix ?? []
  if (hook === undefined) throw new Error('no hook')
  return hook
}
