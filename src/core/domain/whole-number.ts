/** A number written in at most so many decimal digits; undefined for anything else. */
export function wholeNumber(text: string | undefined, digits = 9): number | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed.length <= digits && /^[0-9]+$/.test(trimmed) ? Number(trimmed) : undefined
}
