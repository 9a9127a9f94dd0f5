import type { Clock } from '../../ports/clock.ts'

/** What was asked of a libvirt lately. */
export interface Memory<Answer> {
  /** The answer to a question, asked where nobody did lately. */
  recall(question: string, ask: () => Promise<Answer>): Promise<Answer>
  forget(question: string): void
}

// Long enough for the plan of many machines, short enough that nobody acts on what was.
const goodForSeconds = 30

/** Asks once for many machines: a connection costs more than what is asked over it. */
export function createMemory<Answer>(clock: Clock): Memory<Answer> {
  const asked = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>()
  return {
    async recall(question, ask) {
      const before = asked.get(question)
      if (before && clock.seconds() - before.at < goodForSeconds) return await before.answer
      const answer = ask()
      asked.set(question, { at: clock.seconds(), answer })
      return await answer
    },
    forget: (question) => void asked.delete(question),
  }
}
