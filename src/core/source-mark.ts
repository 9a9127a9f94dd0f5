/**
 * How a cutover marks a source that it leaves off, so that nobody takes it for the machine that is in use: a name of its own, or
 * a note in its metadata.
 */
export type SourceMark = {
  readonly domain: { readonly uri: string; readonly uuid: string; readonly name: string }
} & (
  | { readonly how: 'rename'; readonly to: string }
  | { readonly how: 'tag'; readonly workspace: string; readonly machine: string }
)

/** What a source is called that was renamed. */
export function markedName(name: string): string {
  return `${name}-migrated`
}
