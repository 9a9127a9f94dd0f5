import { type Document, isAlias, isMap, isNode, isScalar, isSeq } from 'yaml'
import type { Place, Problem } from '../problem.ts'
import type { Issue } from './check.ts'
import { decodeText, placeOf } from './decode-text.ts'
import { composeYaml } from './parse-yaml.ts'

/** Gives each issue of a file that parses its line and column, and orders them by it. */
export function placeIssues(issues: readonly Issue[], content: Uint8Array, file: string): readonly Problem[] {
  const place = placesIn(content, file)
  return issues
    .map(({ path, ...issue }): Problem => ({ severity: 'error', ...issue, at: place(path) }))
    .toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}

/** Where a value of a file that parses stands: its key, the item of a list; the nearest parent for one that is not there. */
export function locate(content: Uint8Array, file: string, path: Issue['path']): Place {
  return placesIn(content, file)(path)
}

/** Finds places in a file that parses, which is composed once. */
export function placesIn(content: Uint8Array, file: string): (path: Issue['path']) => Place {
  const text = decodeText(content, file)
  // JSON is YAML, too.
  const composed = composeYaml(text)
  return (path) => placeOf(text, 'document' in composed ? offsetOf(composed.document, path) : 0, file)
}

function offsetOf(document: Document.Parsed, path: Issue['path']): number {
  let here: unknown = document.contents
  let offset = startOf(here) ?? 0
  for (const part of path) {
    if (isAlias(here)) here = here.resolve(document)
    if (isMap(here)) {
      const pair = here.items.find(({ key }) => isScalar(key) && key.value === part)
      if (!pair) break
      offset = startOf(pair.key) ?? offset
      here = pair.value
    } else if (isSeq(here) && typeof part === 'number') {
      here = here.items[part]
      offset = startOf(here) ?? offset
    } else break
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
