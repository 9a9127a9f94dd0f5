/** What a machine's things in the world are known by, where that is not its name in git. */
export interface InWorld {
  /** The name that its things in the world are called by, where it was renamed since they were made. */
  readonly madeAs?: string
  /** The UUID of its domain, where it is not made of its name: it was there before h2k knew it. */
  readonly domainUuid?: string
}

/** The name that the things in the world of a machine are called by: it stays when git calls the machine otherwise. */
export function nameInWorld({ name, madeAs }: Pick<InWorld, 'madeAs'> & { readonly name: string }): string {
  return madeAs ?? name
}
