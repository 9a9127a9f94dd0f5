type Token = 'many' | 'one' | ((character: string) => boolean)

/**
 * Whether a name fits a pattern as a whole: `*` any text, `?` one character, `[a-z]` and `[!a-z]` one of some; everything
 * else is meant literally, upper and lower case differ. As Python's fnmatchcase, and never slower than length by length.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  const tokens = tokensOf([...pattern])
  return (name) => matches(tokens, [...name])
}

function tokensOf(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = []
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? ''
    // A `]` that comes first is one of the set.
    const first = characters[index + 1] === '!' ? index + 2 : index + 1
    const end = character === '[' ? characters.indexOf(']', first + 1) : -1
    if (end !== -1) {
      tokens.push(oneOf(characters.slice(first, end), first === index + 2))
      index = end
    } else if (character === '*') tokens.push('many')
    else if (character === '?') tokens.push('one')
    else tokens.push((other) => other === character)
  }
  return tokens
}

function oneOf(members: readonly string[], negated: boolean): Token {
  const singles = new Set<string>()
  const ranges: (readonly [from: string, to: string])[] = []
  for (let index = 0; index < members.length; index++) {
    const [from = '', dash, to] = members.slice(index, index + 3)
    if (dash === '-' && to !== undefined) {
      ranges.push([from, to])
      index += 2
    } else singles.add(from)
  }
  return (other) => (singles.has(other) || ranges.some(([from, to]) => from <= other && other <= to)) !== negated
}

// On a mismatch only the last `*` can take more: what an earlier one would take, that one could take, too.
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, character] = [0, 0]
  let star: { readonly token: number; character: number } | undefined
  while (character < name.length) {
    const wanted = tokens[token]
    if (wanted === 'many') {
      star = { token, character }
      token++
    } else if (wanted === 'one' || wanted?.(name[character] ?? '')) {
      token++
      character++
    } else if (star) {
      star.character++
      token = star.token + 1
      character = star.character
    } else return false
  }
  return tokens.slice(token).every((rest) => rest === 'many')
}
