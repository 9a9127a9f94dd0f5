import { marked } from 'marked'
import { expect, test } from 'vitest'
import { planMarkdown } from '../../../src/render/review/plan-markdown.ts'
import { hostileNames } from '../../core/hostile-names.ts'
import { planned, planOf } from '../../core/plans.ts'
import { thousandMachines } from './thousand-machines.ts'

const whole = 'h2k show review.h2kplan'

// What would close, mention, link, format or break a table when it stood in Markdown as it is.
const hostile = [
  ...hostileNames,
  '</details><script>alert(1)</script>',
  '--><img src=x onerror=alert(1)>',
  '@team',
  '#123',
  'GH-7',
  'owner/repo#7',
  'a@b.example',
  'https://evil.example/',
  'www.evil.example',
  '[x](https://evil.example)',
  '![x](https://evil.example/x.png)',
  'a | b | c',
  '``` ends the fence',
  '````\n# heading',
  '`@team`',
  '**bold**',
  '![CDATA[',
  ':tada:',
  '$x$',
]

function everywhere(text: string) {
  const problem = { severity: 'error', code: 'SOURCE_MISSING', summary: text, at: { file: text, line: 1 } } as const
  const change = { path: text, from: text, to: text, at: { file: text, line: 2 } }
  return planOf(
    [
      planned(text, { notes: [text], notApplied: [text], wave: text, file: text }),
      planned(`${text}2`, { action: 'blocked', problems: [problem] }),
      planned(`${text}3`, {
        action: 'update',
        held: { by: 'window', why: text },
        stages: [{ stage: 'publish', decision: { run: true, why: 'changed', changes: [change] }, does: text }],
      }),
      planned(`${text}4`, {
        action: 'destroy',
        removals: [{ path: text, standing: 'changed', bytes: 1, mark: '' }],
      }),
    ],
    {
      workspace: text,
      duration: { seconds: 1, basis: text },
      space: [{ path: text, neededBytes: 2, freeBytes: 1 }],
      policy: [{ rule: text, action: 'deny', evidence: text, machine: text }],
    },
  )
}

/** Rendered, without what stands as code: there, no renderer looks for anything. */
function outsideCode(markdown: string): string {
  return marked.parse(markdown, { async: false, gfm: true }).replace(/<code[^>]*>[^<]*<\/code>/g, '')
}

const plain = outsideCode(planMarkdown(everywhere('name'), 60_000, whole))

test.each(hostile.map((name) => [JSON.stringify(name).slice(0, 40), name]))('%s is inert', (_, name) => {
  const html = outsideCode(planMarkdown(everywhere(name), 60_000, whole))
  // Every text of a user's is code: what is left is the same whatever the user says.
  expect(html.replace(/^<!-- h2k:plan .*-->$/m, '')).toBe(plain.replace(/^<!-- h2k:plan .*-->$/m, ''))
  expect(html.match(/<!--/g)).toHaveLength(1)
})

test('a table row has the cells of its head', () => {
  const html = marked.parse(planMarkdown(everywhere('a | b'), 60_000, whole), { async: false, gfm: true })
  const cells = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) => row.match(/<t[hd]/g)?.length)
  expect(new Set(cells)).toEqual(new Set([5, 3, 7]))
})

test('a thousand machines fit, each of them is named, and what was cut is said', () => {
  const plan = thousandMachines()
  const markdown = planMarkdown(plan, 60_000, whole)
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(60_000)
  for (const { name, action } of plan.machines) if (action !== 'noop') expect(markdown).toContain(`\`${name}\``)
  expect(markdown.indexOf('machine.legacy-db-01')).toBeLessThan(markdown.indexOf('machine.web-0001'))
  expect(markdown).toContain(
    '| update | `publish`: `nics.0.bridge: "br-dmz" -> "br-dmz2" (mappings/network.yaml:7)` | - | 60 | - | - |',
  )
  expect(markdown.trimEnd().split('\n').at(-1)).toMatch(
    /^> \*\*Cut at 60000 bytes\.\*\* Left out: changes of machines \(\d+\)\. The whole plan: `h2k show review.h2kplan`$/,
  )
  expect(planMarkdown(thousandMachines(), 60_000, whole)).toBe(markdown)
})

test('the limit holds whatever there is', () => {
  const machines = Array.from({ length: 300 }, (_, index) => {
    const name = `${'é😀'.repeat(100)}${index}`
    return planned(name, { notes: [`${index} ${name}`], wave: name, notApplied: [name] })
  })
  for (const bytes of [5000, 9000, 60_000]) {
    expect(Buffer.byteLength(planMarkdown(planOf(machines), bytes, 'x'.repeat(4000)))).toBeLessThanOrEqual(bytes)
  }
})

test('nothing to do is said in the title', () => {
  const unchanged = planOf([planned('a', { action: 'noop', stages: [] })])
  expect(planMarkdown(unchanged, 60_000, whole)).toContain('## h2k plan of `test`: no changes\n')
})
