import { RE2JS, RE2JSSyntaxException } from 're2js'

/**
 * A regular expression that must fit from the first character on, and may end before the last, as Python's `re.match`.
 * RE2: no pattern takes more than a time that grows with its length and the text's. Says what is wrong with one that it
 * does not take, which is also one with look-around or back references.
 */
export function anchoredPattern(pattern: string): ((text: string) => boolean) | { readonly fault: string } {
  try {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matcher(text).lookingAt()
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    return { fault: error.message.replace(/^error parsing regexp: /, '') }
  }
}
