import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Answers questions, each of which costs as much as many of them at once: while some are being answered, and for a moment
 * before that, those that come in wait, and are then asked together.
 */
export function together<Question, Answer>(
  momentMilliseconds: number,
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: { readonly question: Question; readonly settle: (answer: Promise<Answer>) => void }[] = []
  let busy = false

  const askAll = async () => {
    busy = true
    while (waiting.length > 0) {
      await sleep(momentMilliseconds)
      const turn = waiting
      waiting = []
      const answers = ask(turn.map(({ question }) => question))
      for (const [at, { settle }] of turn.entries()) settle(answers.then((all) => all[at] as Answer))
      await answers.catch(() => undefined)
    }
    busy = false
  }
  return (question) =>
    new Promise((settle) => {
      waiting.push({ question, settle })
      if (!busy) void askAll()
    })
}
