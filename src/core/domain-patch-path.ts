/** Where in a domain a patch applies. */
export interface PatchPath {
  /** From the child of `<domain>` on. */
  readonly steps: readonly PatchStep[]
  /** Set when it means an attribute of that element. */
  readonly attribute?: string
}

export interface PatchStep {
  readonly name: string
  readonly tests: readonly PatchTest[]
}

/** Which of several: the nth, from 1, or the one in which something has a value. */
export type PatchTest =
  | { readonly kind: 'position'; readonly position: number }
  | {
      readonly kind: 'value'
      /** Names of elements on the way. */
      readonly names: readonly string[]
      readonly attribute?: string
      readonly value: string
    }

const name = '[A-Za-z_][\\w.:-]*'
const step = new RegExp(`^/(${name})((?:\\[[^\\]'"]*(?:'[^']*'|"[^"]*")?\\])*)`)
const attribute = new RegExp(`^/@(${name})$`)
const test = new RegExp(`^\\[(?:(\\d{1,4})|((?:${name}/)*(?:${name}|@${name}))=(?:'([^']*)'|"([^"]*)"))\\]`)

/**
 * Reads a path such as `/devices/disk[serial='data']/driver/@cache`, a part of XPath; undefined when it is none. The first
 * step may be `/domain`; `/` is the domain itself.
 */
export function parsePatchPath(text: string): PatchPath | undefined {
  const steps: PatchStep[] = []
  let rest = text.replace(/^\/domain(?=\/|$)/, '').replace(/^\/$/, '')
  if (text === '' || text.startsWith('//')) return undefined
  for (let found = step.exec(rest); found; found = step.exec(rest)) {
    const tests = parseTests(found[2] ?? '')
    if (!tests) return undefined
    steps.push({ name: found[1] ?? '', tests })
    rest = rest.slice(found[0].length)
  }
  if (rest === '') return { steps }
  const last = attribute.exec(rest)
  return last?.[1] === undefined ? undefined : { steps, attribute: last[1] }
}

function parseTests(text: string): readonly PatchTest[] | undefined {
  const tests: PatchTest[] = []
  for (let rest = text; rest !== ''; ) {
    const found = test.exec(rest)
    if (!found) return undefined
    const [all, position, path = '', single, double] = found
    if (position !== undefined) {
      if (Number(position) === 0) return undefined
      tests.push({ kind: 'position', position: Number(position) })
    } else {
      const parts = path.split('/')
      const last = parts.at(-1) ?? ''
      tests.push({
        kind: 'value',
        names: last.startsWith('@') ? parts.slice(0, -1) : parts,
        ...(last.startsWith('@') ? { attribute: last.slice(1) } : {}),
        value: single ?? double ?? '',
      })
    }
    rest = rest.slice(all.length)
  }
  return tests
}
