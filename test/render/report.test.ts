import { describe, expect, test } from 'vitest'
import { reportCsv } from '../../src/render/report/csv.ts'
import { reportHtml } from '../../src/render/report/html/page.ts'
import { reportMarkdown } from '../../src/render/report/markdown.ts'
import { reportText } from '../../src/render/report/text.ts'
import { hostileNames } from '../core/hostile-names.ts'
import { reportOf, someNames } from './run-reports.ts'

const hostile = [
  ...new Set([
    ...hostileNames,
    '</details><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '=cmd|"/c calc"!A0',
    '+1+1',
    '@team',
    '`|`` x',
    'a, "b"',
    'x'.repeat(300),
  ]),
]

/** The cells of a CSV file, as RFC 4180 has it. */
function cellsOf(csv: string): readonly (readonly string[])[] {
  return csv
    .split('\r\n')
    .filter(Boolean)
    .map((line) =>
      line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => cell.replace(/^"|"$/g, '').replaceAll('""', '"')),
    )
}

describe('a report', () => {
  test('as CSV is a rectangle in which nothing begins like a formula', () => {
    const rows = cellsOf(reportCsv(reportOf(hostile)))
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1)
    expect(rows).toHaveLength(hostile.length + 2)
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
    expect(rows.flat()).toContain(`'=cmd|"/c calc"!A0`)
  })

  test('as HTML has no element, attribute or address that a name brought', () => {
    const html = reportHtml(reportOf(hostile))
    expect(html).not.toMatch(/<(script|img|iframe|link|object)/i)
    const tags = [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag)
    const plain = [...reportHtml(reportOf(someNames(hostile.length))).matchAll(/<\/?([a-z0-9]+)/gi)].map(
      ([, tag]) => tag,
    )
    expect(tags).toEqual(plain)
    expect(html).not.toMatch(/<[^>]*\s(?:src|style|on\w+)=/)
    expect([...html.matchAll(/href="([^"]*)"/g)].filter(([, to]) => !/^#m\d+$/.test(to ?? ''))).toEqual([])
    expect(html).toContain("default-src 'none'")
  })

  test('as Markdown keeps each name in code, and each row of a table whole', () => {
    const markdown = reportMarkdown(reportOf(hostile))
    const withoutCode = markdown.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
    for (const piece of ['<script', '<img', '@team', '=cmd', 'onerror']) expect(withoutCode).not.toContain(piece)
    const rows = markdown.split('\n').filter((line) => line.startsWith('| '))
    const heads = markdown.match(/^\| machine \| wave.*$/m)?.[0] ?? ''
    const columns = (line: string) => line.replaceAll('\\|', '').split('|').length
    const from = rows.indexOf(heads)
    expect(new Set(rows.slice(from, from + hostile.length + 3).map(columns)).size).toBe(1)
  })

  test('as Markdown has what the reports of the tools before it had', () => {
    const markdown = reportMarkdown(reportOf(someNames(8)))
    for (const key of ['Total machines', 'Successful', 'Failed', 'Success rate', 'Average time', 'Fastest', 'Slowest'])
      expect(markdown).toMatch(new RegExp(`^\\| ${key} \\| \\S`, 'm'))
    expect(markdown).toMatch(/^\| `web001` \| `canary` \| done \| 2026-.* \| preflight, export, .*publish \|$/m)
  })

  test('as text fits on lines, whatever the names', () => {
    const text = reportText(reportOf(hostile), false)
    expect([...text].filter((character) => character !== '\n' && /\p{Cc}/u.test(character))).toEqual([])
  })

  test('links from the timeline and the failures to the machine', () => {
    const html = reportHtml(reportOf(someNames(8)))
    for (const [, anchor] of html.matchAll(/href="#(m\d+)"/g)) expect(html).toContain(`<details id="${anchor}">`)
    expect(html.match(/class="lane"/g)).toHaveLength(8)
  })
})
