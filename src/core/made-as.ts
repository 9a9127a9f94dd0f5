/** A machine that may have had another name when its things in the world were made. */
export interface Renamed {
  readonly name: string
  /** The name by which they were made, where it has another one now. */
  readonly madeAs?: string
}

/** The name that the things in the world of a machine are called by: it stays when git calls the machine otherwise. */
export function nameInWorld({ name, madeAs }: Renamed): string {
  return madeAs ?? name
}
