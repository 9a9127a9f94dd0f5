import { Ajv, MissingRefError, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import type { Issue } from '../../core/language/check.ts'
import { parseText } from '../../core/language/parse-text.ts'
import { placeIssues } from '../../core/language/place-issues.ts'
import { isMap } from '../../core/layer.ts'
import { brief } from '../../core/printable.ts'
import { ProblemError, problem } from '../../core/problem.ts'
import type { JsonSchemas, SchemaCheck } from '../../ports/json-schemas.ts'
import { findingsOf, pathOf } from './findings.ts'
import { isEndless, patternIssues, referencePath } from './schema-texts.ts'
import { endless, withinTime } from './time-limit.ts'

// A thousand times what an honest one takes.
const millisecondsToCompile = 3000
const millisecondsToCheck = 500

const drafts = {
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  '07': 'http://json-schema.org/draft-07/schema',
}

// ajv tells patterns apart by `toString`.
function re2(pattern: string) {
  const compiled = RE2JS.compile(pattern)
  return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern }
}
re2.code = 're2'

// Nothing is fetched: a reference that the file does not answer is an error. Unknown keywords and formats are, too.
const options: Options = {
  allErrors: true,
  allowUnionTypes: true,
  code: { regExp: re2 },
  inlineRefs: false,
  logger: false,
  strict: true,
  strictRequired: false,
  strictTuples: false,
  strictTypes: false,
  verbose: true,
}

/** JSON Schemas by ajv: draft 2020-12, or draft-07 where `$schema` says so. */
export function createJsonSchemas(): JsonSchemas {
  return {
    compile: (content, file) => compile(content, file, withinTime),
    compileOwn: (content, file) => compile(content, file, (_milliseconds, work) => work()),
  }
}

function compile(content: Uint8Array, file: string, limited: typeof withinTime): SchemaCheck {
  const schema = parseText(content, file)
  const refuse = (issues: readonly Issue[]) => new ProblemError(placeIssues(issues, content, file))
  if (!isMap(schema)) throw refuse([{ code: 'VALUE_INVALID', path: [], summary: 'a schema must be a map' }])
  const compiled = limited(millisecondsToCompile, () => compileSchema(schema))
  if (compiled === endless) throw refuse([{ code: 'VALUE_INVALID', path: [], summary: 'this schema is too large' }])
  if ('issues' in compiled) throw refuse(compiled.issues)
  const { validate } = compiled
  return (value) => {
    const valid = limited(millisecondsToCheck, () => validate(value))
    if (valid !== endless) return valid ? [] : findingsOf(validate.errors ?? [], value, file)
    const summary = 'this schema comes to no end'
    throw problem('VALUE_INVALID', summary, { hint: 'does it refer to itself?', at: { file, line: 1, column: 1 } })
  }
}

type Compiled = { readonly validate: ValidateFunction } | { readonly issues: readonly Issue[] }

function compileSchema(schema: Readonly<Record<string, unknown>>): Compiled {
  const ajv = ajvFor(schema.$schema)
  const fault = (path: Issue['path'], summary: string, hint?: string): Compiled => {
    return { issues: [{ code: 'VALUE_INVALID', path, summary, ...(hint === undefined ? {} : { hint }) }] }
  }
  if (!ajv) return fault(['$schema'], 'this draft is not known', `leave it out, or write ${drafts['2020-12']}`)
  if (isEndless(schema)) return fault([], 'this schema is too large', 'do its references double each time?')
  const patterns = patternIssues(schema)
  if (patterns.length > 0) return { issues: patterns }
  try {
    if (!ajv.validateSchema(schema)) {
      const issues = (ajv.errors ?? []).map((error): Issue => {
        const path = pathOf(error, schema)
        return { code: 'VALUE_INVALID', path, summary: `no JSON Schema: ${brief(error.message ?? error.keyword)}` }
      })
      // The others only say that none of the alternatives fits.
      const first = new Map(issues.toReversed().map((issue) => [JSON.stringify(issue.path), issue]))
      return { issues: [...first.values()] }
    }
    return { validate: ajv.compile(schema) }
  } catch (error) {
    if (error instanceof MissingRefError) {
      const path = referencePath(schema, error.missingRef) ?? []
      return fault(
        path,
        `refers to ${brief(error.missingRef)}: only what is in this file is looked at`,
        'put it in $defs',
      )
    }
    // What strict mode refuses; ajv has no class for it.
    if (error instanceof Error && !(error instanceof RangeError)) return fault([], brief(error.message))
    throw error
  }
}

function ajvFor(draft: unknown): Ajv | undefined {
  const name = typeof draft === 'string' ? draft.replace(/#$/, '') : draft
  if (name === undefined || name === drafts['2020-12']) return new Ajv2020(options)
  return name === drafts['07'] ? new Ajv(options) : undefined
}
