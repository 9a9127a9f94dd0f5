import { writeFileSync } from 'node:fs'
import { jsonSchemas } from '../src/core/language/schemas.ts'
import { referencePages } from './language-reference.ts'

// `npm run generate`: a test fails when these are stale.
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(`schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`)
}
for (const [name, text] of Object.entries(referencePages())) writeFileSync(`docs/language/reference/${name}`, text)
