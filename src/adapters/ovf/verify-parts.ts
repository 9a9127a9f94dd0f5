import { basename } from 'node:path'
import { type Problem, ProblemError } from '../../core/problem.ts'
import type { Algorithm, FileDigest } from './manifest-digests.ts'
import { foldedName } from './names.ts'

/** A file of an export, wherever it lies. */
export interface Part {
  readonly name: string
  readonly lengthBytes: number
  /** Reads it once. */
  readonly digest: Digesting
}

export type Digesting = (
  algorithms: readonly Algorithm[],
  onBytes: (bytes: number) => void,
) => Promise<ReadonlyMap<Algorithm, string>>

/** The digests that came with an export, and the manifest's name in problems. */
export interface Manifest {
  readonly file: string
  readonly digests: readonly FileDigest[]
}

export type Progress = (doneBytes: number, totalBytes: number) => void

export interface Verified {
  /** By name, `sha256:` and hex, of every part that the manifest lists: the longest of its digests. */
  readonly digests: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
}

/**
 * Reads each part that the manifest lists once, with the manifest's own algorithm, and compares. The others are not
 * read: there is nothing to compare them with, and the copy will read them anyway.
 * @param wanted names that a warning is due for when the manifest does not vouch for them
 * @throws ProblemError CHECKSUM_DIFFERS with a problem for every part that differs or is missing
 */
export async function verifyParts(
  parts: readonly Part[],
  manifest: Manifest | undefined,
  wanted: readonly string[],
  progress: Progress,
): Promise<Verified> {
  const listed = Map.groupBy(manifest?.digests ?? [], ({ name }) => name)
  const file = manifest?.file ?? ''
  refuseMissing(parts, listed, file)

  const totalBytes = parts.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  const digests = new Map<string, string>()
  const differing: Problem[] = []
  let doneBytes = 0
  const advance = (bytes: number) => {
    doneBytes += bytes
    progress(doneBytes, totalBytes)
  }
  for (const { name, lengthBytes, digest } of parts) {
    const expected = listed.get(name) ?? []
    const [longest] = expected.toSorted((a, b) => b.hex.length - a.hex.length)
    if (longest === undefined) {
      advance(lengthBytes)
      continue
    }
    const found = await digest([...new Set(expected.map(({ algorithm }) => algorithm))], advance)
    const wrong = expected.find(({ algorithm, hex }) => found.get(algorithm) !== hex)
    if (wrong) differing.push(differs(wrong, found.get(wrong.algorithm) ?? '', file))
    digests.set(name, `${longest.algorithm}:${longest.hex}`)
  }
  if (differing.length > 0) throw new ProblemError(differing)
  return { digests, warnings: unchecked(wanted, manifest, digests) }
}

/** Takes the manifest's word for a part: whoever copies it compares. */
export function claimed(manifest: Manifest | undefined, part: string): Digesting {
  const digests = manifest?.digests.filter(({ name }) => name === part) ?? []
  return async () => new Map(digests.map(({ algorithm, hex }) => [algorithm, hex]))
}

/** A warning about each signature that came along: h2k checks none. */
export function aboutSignatures(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => foldedName(name).endsWith('.cert'))
    .map((name) => `the signature in ${name} is not checked`)
}

function unchecked(wanted: readonly string[], manifest: Manifest | undefined, checked: ReadonlyMap<string, string>) {
  if (manifest === undefined) return ['the export has no manifest (.mf): nothing says whether its files are whole']
  const unlisted = wanted.filter((name) => !checked.has(name))
  return unlisted.map((name) => `${basename(manifest.file)} does not list ${name}: nothing says whether it is whole`)
}

function refuseMissing(parts: readonly Part[], listed: ReadonlyMap<string, readonly FileDigest[]>, file: string): void {
  const missing = [...listed].flatMap(([name, [digest]]) =>
    parts.some((part) => part.name === name) ? [] : (digest ?? []),
  )
  if (missing.length === 0) return
  throw new ProblemError(
    missing.map(({ name, line }) => ({
      severity: 'error',
      code: 'CHECKSUM_DIFFERS',
      summary: `${name} is not there, though ${file} lists it`,
      hint: 'copy or export the machine again',
      at: { file, line },
    })),
  )
}

function differs({ name, algorithm, hex, line }: FileDigest, found: string, file: string): Problem {
  return {
    severity: 'error',
    code: 'CHECKSUM_DIFFERS',
    summary: `${name} is not what ${file} says: it was changed, or damaged on its way`,
    detail: `${algorithm}: listed ${hex}, found ${found}`,
    hint: 'copy or export the machine again',
    at: { file, line },
  }
}
