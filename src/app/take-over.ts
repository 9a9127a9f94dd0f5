import { addressOf } from '../core/address.ts'
import { type ProblemError, problem } from '../core/problem.ts'
import { shownPath } from '../core/relocate.ts'
import type { Files } from '../ports/files.ts'
import type { StateStore } from '../ports/state.ts'
import type { FoundMachine } from './find-machine.ts'

/** What of a machine would become h2k's own. Absolute, or what a target calls it. */
export function ownPaths({ disks, target }: Pick<FoundMachine, 'disks' | 'target'>): readonly string[] {
  return [
    ...disks.flatMap(({ publish, original }) => [...(original ? [original.file.path] : []), publish.to.path]),
    ...target.artifacts.map(({ path }) => path),
  ]
}

/** The refusal of what is another machine's. */
export function ofAnother(path: string, owner: string, root: string): ProblemError {
  return problem('IMPORT_REFUSED', `${shownPath(path, root)} belongs to ${addressOf(owner)}`, {
    hint: `h2k state show ${addressOf(owner)}`,
  })
}

/** @throws ProblemError IMPORT_REFUSED */
export type TakeOver = (found: FoundMachine) => void

/**
 * Keeps machines from taking over what they are read from, which nobody may replace, and what is another machine's, also under
 * another name that a link gives it. `state` is that before the first one.
 */
export function createTakeOver(
  state: Pick<StateStore, 'machines' | 'artifacts'>,
  { files, root }: { readonly files: Pick<Files, 'real'>; readonly root: string },
): TakeOver {
  const real = (path: string) => (path.startsWith('/') ? (files.real(path) ?? path) : path)
  const owners = new Map(
    [...state.machines({ forgotten: true }).keys()].flatMap((name) =>
      state.artifacts(name).map(({ path }) => [real(path), name] as const),
    ),
  )
  return (found) => {
    const { machine, sourceFiles } = found.subject
    const address = addressOf(machine.name)
    const sources = new Set(sourceFiles.map(({ path }) => real(path)))
    const own = ownPaths(found).map((path) => ({ path, is: real(path) }))
    for (const { path, is } of own) {
      const shown = shownPath(path, root)
      if (sources.has(is)) {
        throw problem('IMPORT_REFUSED', `${shown} is a source of ${address}`, {
          hint: 'a source is only read: let git name the disk that was made of it',
          address,
        })
      }
      const owner = owners.get(is)
      if (owner !== undefined && owner !== machine.name) throw ofAnother(path, owner, root)
    }
    for (const { is } of own) owners.set(is, machine.name)
  }
}
