const kept = 1024 * 1024

/** What a hook prints: its first and its last part, each of a million characters, and in between what is left out. */
export interface BoundedOutput {
  write(text: string): void
  /** Ends it. All of what is kept. */
  end(): string
}

/** Hands the same text to `log`: its first part as it comes, the rest at the end. */
export function boundedOutput(log: (text: string) => void): BoundedOutput {
  let first = ''
  const last: string[] = []
  let lastCharacters = 0
  let dropped = 0
  return {
    write(text) {
      const room = Math.max(0, kept - first.length)
      const fitting = room >= text.length ? text : text.slice(0, wholeCharacters(text, room))
      if (fitting !== '') log(fitting)
      first += fitting
      keepLast(text.slice(fitting.length))
    },
    end() {
      const rest = last.join('')
      const marker = dropped === 0 ? '' : `\n[… h2k left out ${dropped} characters …]\n`
      if (marker + rest !== '') log(marker + rest)
      return first + marker + rest
    },
  }

  function keepLast(text: string): void {
    if (text === '') return
    last.push(text)
    lastCharacters += text.length
    for (let oldest = last[0]; oldest !== undefined && lastCharacters > kept; oldest = last[0]) {
      const excess = Math.min(oldest.length, lastCharacters - kept)
      const cut = wholeCharacters(oldest, excess)
      dropped += cut
      lastCharacters -= cut
      if (cut < oldest.length) {
        last[0] = oldest.slice(cut)
        return
      }
      last.shift()
    }
  }
}

/** The same count, or one more where it would cut a character of two code units apart. */
function wholeCharacters(text: string, count: number): number {
  const code = text.charCodeAt(count - 1)
  return code >= 0xd800 && code <= 0xdbff ? Math.min(text.length, count + 1) : count
}
