import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/core/problem.ts'
import { problemsGithub, problemsJson, problemsSarif } from '../../src/render/problem-formats.ts'

const problems: readonly Problem[] = [
  {
    severity: 'error',
    code: 'KEY_UNKNOWN',
    summary: 'unknown key "a:b",\nsecond line 100 %',
    hint: 'did you mean "cpu"?',
    at: { file: 'manifests/a, b.yaml', line: 3, column: 6 },
  },
  { severity: 'info', code: 'NOTHING_INCLUDED', summary: 'no file' },
]

describe('problems for machines', () => {
  test('github: what would end a command or a property is escaped', () => {
    expect(problemsGithub(problems)).toBe(
      [
        '::error file=manifests/a%2C b.yaml,line=3,col=6,title=KEY_UNKNOWN::unknown key "a:b",%0Asecond line 100 %25 -> did you mean "cpu"?',
        '::notice title=NOTHING_INCLUDED::no file',
      ].join('\n'),
    )
  })

  test('github: nothing reaches a terminal that reads the log', () => {
    const summary = 'name "\u001b[31m\u202e"'
    expect(problemsGithub([{ severity: 'error', code: 'KEY_UNKNOWN', summary }])).toBe(
      '::error title=KEY_UNKNOWN::name "\\u{1b}[31m\\u{202e}"',
    )
  })

  test('sarif: rule, level, place', () => {
    const { version, runs } = JSON.parse(problemsSarif(problems, '1.2.3'))
    expect(version).toBe('2.1.0')
    expect(runs[0].tool.driver).toEqual({
      name: 'h2k',
      version: '1.2.3',
      rules: [{ id: 'KEY_UNKNOWN' }, { id: 'NOTHING_INCLUDED' }],
    })
    expect(runs[0].results[0]).toMatchObject({
      ruleId: 'KEY_UNKNOWN',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'manifests/a%2C%20b.yaml' },
            region: { startLine: 3, startColumn: 6 },
          },
        },
      ],
    })
    expect(runs[0].results[1].level).toBe('note')
  })

  test('json: as they are', () => {
    expect(JSON.parse(problemsJson(problems))).toEqual(problems)
  })
})
