interface Listener {
  line(text: string): void
  /** A line is longer than the limit; the rest is not read. */
  tooLong(): void
}

/** Cuts text into lines, in whatever pieces it arrives. What stands after the last line's end is no line. */
export function lineReader(limit: number, { line, tooLong }: Listener): (text: string) => void {
  let pieces: string[] = []
  let length = 0
  let stopped = false
  return (text) => {
    if (stopped) return
    const [first = '', ...rest] = text.split('\n')
    pieces.push(first)
    length += first.length
    for (const next of rest) {
      line(pieces.join(''))
      pieces = [next]
      length = next.length
    }
    if (length <= limit) return
    stopped = true
    pieces = []
    tooLong()
  }
}
