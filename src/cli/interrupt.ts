import { problem } from '../core/problem.ts'

const codes = { SIGINT: 130, SIGTERM: 143 } as const

export interface Interrupts {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 once interrupted. */
  exitCode(): number | undefined
  /** Who is told from now on. */
  tellInstead(tell: Tell): void
  stop(): void
}

/** Somebody who wants to know of the first signal; replaced while a run is on the screen. */
type Tell = (text: string) => void

/**
 * Listens for the wish to stop. The first signal lets the running stages stop cleanly; the second ends the program
 * at once, and the kernel ends its tools with it.
 */
export function listenForInterrupts(tell: Tell): Interrupts {
  const controller = new AbortController()
  let listener = tell
  let code: number | undefined
  const onSignal = (name: 'SIGINT' | 'SIGTERM') => {
    if (code !== undefined) process.exit(codes[name])
    code = codes[name]
    listener(`${name}: stopping what runs; again to stop at once`)
    controller.abort(problem('INTERRUPTED', `stopped by ${name}`))
  }
  const onInt = () => onSignal('SIGINT')
  const onTerm = () => onSignal('SIGTERM')
  process.on('SIGINT', onInt)
  process.on('SIGTERM', onTerm)
  return {
    signal: controller.signal,
    exitCode: () => code,
    tellInstead(other) {
      listener = other
    },
    stop() {
      process.off('SIGINT', onInt)
      process.off('SIGTERM', onTerm)
    },
  }
}
