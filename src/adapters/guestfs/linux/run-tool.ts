import { problem } from '../../../core/problem.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'

/** Runs a tool of the guest that has to succeed. @throws ProblemError GUEST_REPAIR_FAILED with what it last said */
export async function runTool(tree: GuestTree, argv: readonly string[], timeoutSeconds = 300): Promise<string> {
  const { exitCode, output } = await tree.run(argv, { timeoutSeconds })
  if (exitCode === 0) return output
  throw problem('GUEST_REPAIR_FAILED', `${argv[0]} in the guest ended with exit code ${exitCode}`, {
    detail: [argv.join(' '), output.trim()].filter(Boolean).join('\n'),
    hint: 'start the machine at its source, run the command there, and see what it needs',
  })
}
