import type { CopyRow } from './copy.ts'

const [left, barHeight, gap, width] = [300, 16, 22, 420] as const

/** Bars of the seconds that each tool took, a group for each copy; as it is kept in docs/. */
export function copyChart(rows: readonly CopyRow[], about: string): string {
  const groups = Map.groupBy(rows, ({ what }) => what)
  const most = Math.max(...rows.map(({ seconds }) => seconds))
  const parts: string[] = []
  let y = 44
  for (const [what, group] of groups) {
    parts.push(text(10, y + 12, what, 'class="what"'))
    y += gap
    for (const { tool, seconds, ratio } of group) {
      const length = Math.max(1, Math.round((seconds / most) * width))
      parts.push(text(left - 8, y + 12, tool, 'text-anchor="end"'))
      parts.push(
        `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" class="${tool.startsWith('h2k') ? 'h2k' : 'other'}"/>`,
      )
      parts.push(text(left + length + 6, y + 12, `${seconds.toFixed(2)} s, ${ratio.toFixed(2)}`))
      y += gap
    }
    y += 8
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 120}" height="${y}" font-family="sans-serif" font-size="13">
<style>.what{font-weight:bold}.h2k{fill:#2563eb}.other{fill:#9ca3af}text{fill:#374151}</style>
<rect width="100%" height="100%" fill="#fff"/>
${text(10, 22, about)}
${parts.join('\n')}
</svg>
`
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}
