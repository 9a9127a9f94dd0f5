import { addressOf } from './address.ts'
import type { Problem } from './problem.ts'
import type { Artifact } from './record.ts'

/**
 * What is there of something that h2k made: `as made`; `changed` by somebody since, be it the guest that ran on it;
 * `unfinished` by a run that was stopped; or `gone` already.
 */
export type Standing = 'as made' | 'changed' | 'unfinished' | 'gone'

/** What a target sees of an artifact. */
export interface Remains {
  readonly standing: Standing
  readonly bytes: number
  /** Differs when what is there is no longer the same, such as size and time of a file. */
  readonly mark: string
  /** Why it must not be removed as it stands. */
  readonly problem?: Problem
  /** How much is in it that does not go with it: it stays until that is gone. */
  readonly holds?: number
}

/** One artifact that a plan would remove. */
export interface Removal extends Remains {
  /** As the artifact's. */
  readonly path: string
}

/** Whether other machines may have put something into it: a pool, which may outlive the machine that it was made for. */
export function isShared({ path }: Pick<Artifact, 'path'>): boolean {
  return path.includes('#volumes/')
}

/** The published machine goes before the files that it uses, and a pool after everything that was put into it. */
export function inOrderOfRemoval(artifacts: readonly Artifact[], stages: readonly string[]): readonly Artifact[] {
  const rank = ({ path }: Artifact) => (path.startsWith('/') ? 1 : isShared({ path }) ? 2 : 0)
  return artifacts.toSorted(
    (a, b) =>
      stages.indexOf(b.stage) - stages.indexOf(a.stage) ||
      rank(a) - rank(b) ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  )
}

/** What must not be removed, since a machine reads it as its source. */
export function neededAsSource(
  machine: string,
  removals: readonly Pick<Removal, 'path'>[],
  sources: ReadonlyMap<string, string>,
): readonly Problem[] {
  return removals.flatMap(({ path }): Problem[] => {
    const reader = sources.get(path)
    if (reader === undefined) return []
    return [
      {
        severity: 'error',
        code: 'DESTROY_REFUSED',
        summary: `${path} is a source of ${addressOf(reader)}`,
        hint: 'a source is never removed: let that machine read another file first',
        address: addressOf(machine),
      },
    ]
  })
}
