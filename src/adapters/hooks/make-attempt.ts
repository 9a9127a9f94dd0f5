import type { Hook } from '../../core/hook.ts'
import type { HookContext } from '../../core/hook-context.ts'
import { printable } from '../../core/printable.ts'
import type { HookWork } from '../../ports/hooks.ts'
import { type Attempt, textReader } from './attempt.ts'
import { boundedOutput } from './bounded-output.ts'
import type { Mask } from './mask.ts'

const shownLines = 5
const shownCharacters = 500

/** An attempt at a hook, and `end`, which gives all its output that is kept. */
export function makeAttempt(
  hook: Hook,
  context: HookContext,
  { signal, log }: HookWork,
  mask: Mask,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly attempt: Attempt; end(): string } {
  const output = boundedOutput(log)
  let recent = ''
  const write = (text: string) => {
    recent = (recent + text).slice(-shownLines * shownCharacters)
    output.write(text)
  }
  const out = mask.stream(write)
  const err = mask.stream(write)
  const flush = () => {
    out.end()
    err.end()
  }
  const plain = Object.entries({ PATH: environment.PATH, HOME: environment.HOME, LANG: environment.LANG })
  return {
    attempt: {
      context,
      signal,
      environment: Object.fromEntries(plain.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      text: textReader(hook, context, environment),
      out: out.write,
      err: err.write,
      lastLines() {
        flush()
        return lastLines(recent)
      },
      shown: (text) => cut(mask.text(text)),
    },
    end() {
      flush()
      return output.end()
    },
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-shownLines).map(cut).join(' | ')
}

function cut(text: string): string {
  return printable(text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`)
}
