import { Writable } from 'node:stream'

/** A terminal that keeps what a user would see; it knows just the control sequences that h2k may use. */
export function fakeTerminal(columns: number, rows: number) {
  const lines: string[] = ['']
  const writes: string[] = []
  let row = 0
  const obey = (text: string) => {
    const token = /\u001b\[(\??)(\d*)([a-zA-Z])|\r|\n|[^\u0000-\u001f\u007f]+/guy
    let at = 0
    for (const match of text.matchAll(token)) {
      at = match.index + match[0].length
      const [whole, , count, final] = match
      if (whole === '\n') lines[++row] ??= ''
      else if (final === 'A') row = Math.max(0, row - Number(count))
      else if (final === 'K') lines[row] = ''
      else if (final === 'J') lines.splice(row, lines.length, '')
      else if (final === undefined && whole !== '\r') lines[row] = whole
      else if (whole !== '\r' && !/^\u001b\[\?2026[hl]$/.test(whole))
        throw new Error(`unexpected ${JSON.stringify(whole)}`)
    }
    if (at !== text.length) throw new Error(`unexpected ${JSON.stringify(text.slice(at, at + 10))}`)
  }
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, callback) {
      writes.push(chunk)
      obey(chunk)
      callback()
    },
  })
  return Object.assign(stream, {
    columns,
    rows,
    isTTY: true,
    writes,
    /** The lines above the cursor. */
    seen: () => lines.slice(0, row),
  })
}
