import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonSchemas } from '../../../src/core/language/schemas.ts'

test('schemas/ holds what the code says: npm run generate renews it', () => {
  const current = jsonSchemas()
  const stored = readdirSync('schemas').filter((name) => name.endsWith('.json'))
  expect(stored.toSorted()).toEqual(
    Object.keys(current)
      .map((name) => `${name}.json`)
      .toSorted(),
  )
  for (const [name, schema] of Object.entries(current)) {
    expect(JSON.parse(readFileSync(`schemas/${name}.json`, 'utf8')), name).toEqual(JSON.parse(JSON.stringify(schema)))
  }
})
