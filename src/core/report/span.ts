/** Seconds from one moment to another, never less than none. */
export function spanOf(from: string, to: string): number {
  return thousandths(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000))
}

/** Seconds as reports give them. */
export function thousandths(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** From the first begin to the last end; null for what has neither. */
export function envelope(
  spans: readonly { readonly started_at: string | null; readonly finished_at: string | null }[],
): { readonly started_at: string | null; readonly finished_at: string | null; readonly seconds: number } {
  const begins = spans.flatMap(({ started_at: at }) => at ?? []).toSorted()
  const ends = spans.flatMap(({ finished_at: at }) => at ?? []).toSorted()
  const [begin = null] = begins
  const end = ends.at(-1) ?? null
  return { started_at: begin, finished_at: end, seconds: begin !== null && end !== null ? spanOf(begin, end) : 0 }
}
