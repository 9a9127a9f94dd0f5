import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { referencePages } from '../../../scripts/language-reference.ts'

const folder = 'docs/language/reference'

test('the pages of keys say what the schemas say: npm run generate renews them', () => {
  const pages = referencePages()
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(pages).toSorted())
  for (const [name, text] of Object.entries(pages)) {
    expect(readFileSync(`${folder}/${name}`, 'utf8'), name).toBe(text)
  }
})
