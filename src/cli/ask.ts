import { createInterface } from 'node:readline/promises'
import { problem } from '../core/problem.ts'

/**
 * Asks whoever sits at the terminal for a yes. Ctrl-C and Ctrl-D are a no.
 * @throws ProblemError APPROVAL_MISSING when nobody does
 */
export async function ask(hint: string, atTerminal: boolean, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !atTerminal) {
    throw problem('APPROVAL_MISSING', 'nobody is there to approve the plan', { hint })
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await prompt.question('Do this? Only "yes" is taken as a yes: ', { signal })
    return answer.trim() === 'yes'
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return false
    throw error
  } finally {
    prompt.close()
  }
}
