import type { ErrorObject } from 'ajv'
import type { Issue } from '../../core/language/check.ts'
import { brief, printable } from '../../core/printable.ts'

type Path = readonly (string | number)[]

// Nobody reads more of one file.
const maxFindings = 100

/** What ajv found wrong with a value, at the paths of that value; `file` is the schema's. */
export function findingsOf(errors: readonly ErrorObject[], value: unknown, file: string): readonly Issue[] {
  // That the branch of an if did not fit, its own errors say.
  const telling = errors.filter(({ keyword }) => keyword !== 'if' || errors.length === 1)
  return telling.slice(0, maxFindings).map((error) => {
    const path = pathOf(error, value)
    const why = reasonOf(error)
    return {
      code: 'POLICY_DENIED',
      path,
      summary: `${nameOf(path)} ${wordsOf(error)}${why === undefined ? '' : `: ${brief(why)}`}`,
      hint: `the rule is in ${printable(file)} at ${brief(error.schemaPath)}`,
    }
  })
}

/** Where in the value, by its JSON pointer and the key that is missing or too many. */
export function pathOf({ instancePath, params }: ErrorObject, value: unknown): Path {
  let here = value
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const index = Array.isArray(here) ? Number(key) : key
      here = (here as Record<string | number, unknown> | undefined)?.[index]
      return index
    })
  const key = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty ?? params.propertyName
  return typeof key === 'string' ? [...path, key] : path
}

function wordsOf({ keyword, message = 'is not allowed', params }: ErrorObject): string {
  switch (keyword) {
    case 'const':
      return `must be ${brief(JSON.stringify(params.allowedValue))}`
    case 'enum':
      return `must be one of ${brief(JSON.stringify(params.allowedValues))}`
    case 'required':
      return 'must be there'
    case 'additionalProperties':
    case 'unevaluatedProperties':
    case 'false schema':
      return 'must not be there'
    default:
      return printable(message)
  }
}

// What the author of the rule wrote beside it.
function reasonOf({ parentSchema }: ErrorObject): string | undefined {
  const text: unknown = parentSchema?.description ?? parentSchema?.title
  return typeof text === 'string' ? text : undefined
}

function nameOf(path: Path): string {
  const name = path.reduce<string>((before, part) => {
    return typeof part === 'number' ? `${before}[${part}]` : `${before}${before && '.'}${part}`
  }, '')
  return brief(name) || 'the machine'
}
