/** A number written in decimal digits; undefined for anything else, and for what no counter holds. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[0-9]{1,9}\s*$/.test(text) ? Number(text) : undefined
}
