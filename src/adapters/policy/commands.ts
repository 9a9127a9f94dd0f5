import { resolve } from 'node:path'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import type { PolicyCommands } from '../../ports/policies.ts'
import type { Runner } from '../../ports/runner.ts'

const mostCharacters = 4 * 1024 * 1024

/** Runs policies by argv, with h2k's PATH, HOME and TMPDIR and nothing else of its environment. */
export function createPolicyCommands(runner: Runner): PolicyCommands {
  return {
    async ask({ run, folder, timeoutSeconds }, input, signal) {
      const [program = '', ...args] = run
      const file = program.includes('/') ? resolve(folder, program) : program
      const tooMuch = new AbortController()
      let stdout = ''
      const onOutput = (text: string) => {
        stdout += text
        if (stdout.length > mostCharacters) tooMuch.abort(tooLong(program))
      }
      const command = { file, args, cwd: folder, input, timeoutSeconds, answers: 'any', onOutput } as const
      const { exitCode, stderr } = await runner.run(command, AbortSignal.any([signal, tooMuch.signal]))
      return { exitCode, stdout, stderr }
    },
  }
}

function tooLong(program: string): Error {
  return problem('TOOL_FAILED', `${printable(program)} printed more than ${mostCharacters} characters`, {
    hint: 'a policy says what it denies, and no more',
  })
}
