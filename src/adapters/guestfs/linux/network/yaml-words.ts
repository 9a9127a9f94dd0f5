import { isAlias, isScalar, parseAllDocuments, visit } from 'yaml'

/**
 * A text of YAML in which the keys and values, written as they are, went through `rewrite`; comments and layout stay.
 * `key` is the key that a value stands under. Undefined when it is no YAML.
 */
export function rewriteYaml(text: string, rewrite: (words: string, key?: string) => string): string | undefined {
  const documents = parseAllDocuments(text, { logLevel: 'silent' })
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined
  const splices: { readonly start: number; readonly end: number; readonly words: string }[] = []
  for (const document of documents) {
    visit(document, (place, node, path) => {
      if (isAlias(node) || !isScalar(node) || !node.range) return
      const [start, end] = node.range
      const words = text.slice(start, end)
      const pair = path.at(-1)
      const key = place === 'value' && pair && 'key' in pair && isScalar(pair.key) ? String(pair.key.value) : undefined
      const after = rewrite(words, key)
      if (after !== words) splices.push({ start, end, words: after })
    })
  }
  return splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, words }) => whole.slice(0, start) + words + whole.slice(end), text)
}
