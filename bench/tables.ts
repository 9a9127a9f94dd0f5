/** The Markdown tables in a text: of each its rows, a value for each column by its head. */
export function tablesIn(text: string): readonly (readonly Readonly<Record<string, string | number>>[])[] {
  const tables: Record<string, string | number>[][] = []
  let heads: readonly string[] | undefined
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) heads = undefined
    else if (!heads) {
      heads = cellsOf(line)
      tables.push([])
    } else if (!/^[|\s-]+$/.test(line)) {
      const cells = cellsOf(line)
      tables.at(-1)?.push(Object.fromEntries(heads.map((head, at) => [head, numberOr(cells[at] ?? '')])))
    }
  }
  return tables
}

function cellsOf(line: string): readonly string[] {
  const cells = line.replaceAll('**', '').split('|')
  return cells.slice(1, -1).map((cell) => cell.trim())
}

function numberOr(cell: string): string | number {
  return cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell
}
