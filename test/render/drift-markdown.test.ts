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
  expect(driftMarkdown([missing('web'), synced])).toBe(`<!-- h2k drift -->
### Drift: 2 machines, 1 in sync, 0 out of sync, 1 missing, 0 unknown

| machine | status | health | what is other |
| --- | --- | --- | --- |
| <code>machine&#46;web</code> | Missing | Degraded | disk <code>output/web</code>: <code>is missing</code> |
`)
  expect(driftMarkdown([synced]).split('\n')).toHaveLength(3)
})

test.each(['</details><script>alert(1)</script>', '@team', '[x](https://evil.example)', 'a|b\n# c', '`*_~'])(
  'no name is more than a name: %s',
  (name) => {
    const text = driftMarkdown([missing(name)])
    const row = text.split('\n').find((line) => line.startsWith('| <code>')) ?? ''
    expect(row.replaceAll(/<\/?code>/g, '').replaceAll(/&#\d+;/g, '')).toMatch(/^[A-Za-z0-9 ,/:|-]*$/)
    expect(row.split('|')).toHaveLength(6)
  },
)

test('a thousand machines fit, and what was cut is said', () => {
  const text = driftMarkdown(Array.from({ length: 1000 }, (_, index) => missing(`m${index}`.padEnd(200, 'x'))))
  expect(text.length).toBeLessThan(65_536)
  expect(text).toMatch(/\n\d+ machines more: `h2k drift` shows them all\.\n$/)
})
