import { marked } from 'marked'
import { expect, test } from 'vitest'
import type { MachineDrift } from '../../src/core/drift.ts'
import { driftMarkdown } from '../../src/render/drift-markdown.ts'

const missing = (name: string): MachineDrift => ({
  name,
  status: 'Missing',
  health: 'Degraded',
  findings: [{ kind: 'disk', subject: `output/${name}`, status: 'Missing', detail: 'is missing' }],
})

test('what is other stands in a table, and what is not is counted', () => {
  const synced: MachineDrift = { name: 'b', status: 'Synced', health: 'Healthy', findings: [] }
  expect(driftMarkdown('exit', [missing('web'), synced], 60_000)).toBe(`<!-- h2k:drift exit -->
## h2k drift of \`exit\`: 2 machines, 1 in sync, 0 out of sync, 1 missing, 0 unknown

| machine | status | health | what is other |
| --- | --- | --- | --- |
| \`machine.web\` | Missing | Degraded | disk \`output/web\`: \`is missing\` |
`)
  expect(driftMarkdown('exit', [synced], 60_000).split('\n')).toHaveLength(3)
})

test.each(['</details><script>alert(1)</script>', '@team', '[x](https://evil.example)', 'a|b\n# c', '`*_~'])(
  'no name is more than a name: %s',
  (name) => {
    const html = marked.parse(driftMarkdown('exit', [missing(name)], 60_000), { async: false })
    expect(html).not.toMatch(/<(script|a|em|h1|details)\b/)
    expect(html.match(/<td>/g)).toHaveLength(4)
    expect(html.replaceAll(/<code>[^<]*<\/code>/g, '')).not.toMatch(/@team|alert|evil/)
  },
)

test('a thousand machines fit, and what was cut is said', () => {
  const text = driftMarkdown(
    'exit',
    Array.from({ length: 1000 }, (_, index) => missing(`m${index}`.padEnd(200, 'x'))),
    60_000,
  )
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000)
  expect(text).toMatch(/Left out: rows of machines \(\d+\)\. `h2k drift` shows them\.\n$/)
})
