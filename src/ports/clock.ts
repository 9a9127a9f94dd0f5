/** Time and chance come in here, and never from inside core. */
export interface Clock {
  /** ISO 8601, UTC, with milliseconds. */
  now(): string
  /** Seconds on a clock that never goes back; only differences mean anything. */
  seconds(): number
  /** A new id that sorts by time. */
  newId(): string
}
