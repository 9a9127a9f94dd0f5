import { addressOf } from '../core/address.ts'
import type { Held } from '../core/held.ts'
import { idleMappings } from '../core/idle-mappings.ts'
import type { Issue } from '../core/language/check.ts'
import { locate } from '../core/language/place-issues.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { Path } from '../core/layer.ts'
import { originOf } from '../core/origin.ts'
import { eachOnce, type Problem, problemsOrBug } from '../core/problem.ts'
import { type Desired, type Paths, resolveMachine, sourceOf, withSystem } from '../core/resolve-machine.ts'
import { offlineIssues, resolveOffline } from '../core/resolve-offline.ts'
import { sourcePath } from '../core/source-address.ts'
import { suspension } from '../core/suspension.ts'
import { uselessKeys } from '../core/useless-keys.ts'
import type { Source } from '../ports/source.ts'
import type { WorkspaceFiles } from '../ports/workspace-files.ts'
import { refuseCollisions } from './collisions.ts'
import { placedInLayers } from './placed-issues.ts'
import { createSaidPlaces, type SaidPlaces } from './said-places.ts'
import type { Subject } from './stage.ts'

/** A machine of git with what its source says, or why it cannot be planned. */
export type Seen =
  | { readonly desired: Desired; readonly subject: Subject; readonly problems?: undefined }
  | { readonly desired: Desired; readonly problems: readonly Problem[]; readonly subject?: undefined }
  /** Left as it is: nobody even looks at its source. */
  | { readonly desired: Desired; readonly suspended: Held; readonly subject?: undefined; readonly problems?: undefined }

/** So many sources are asked at the same time: those on servers answer slowly. */
const atOnce = 8

interface Sight {
  readonly config: WorkspaceConfig
  readonly files: WorkspaceFiles
  readonly source: Source
  /** ISO 8601. */
  readonly now: string
}

/**
 * Asks the source about each machine and completes it; one that fails does not hide the others. `others` are in git and not
 * asked for: they keep what is theirs.
 */
export async function seeMachines(
  machines: readonly Desired[],
  others: readonly Desired[],
  sight: Sight,
  signal: AbortSignal,
): Promise<Seen[]> {
  const seen: Seen[] = []
  const places = createSaidPlaces(sight.files)
  const see = async (desired: Desired): Promise<Seen> => {
    const suspended = suspension(desired.manifest, sight.now)
    return suspended ? { desired, suspended } : await seeMachine(desired, sight, places, signal)
  }
  for (let at = 0; at < machines.length; at += atOnce) {
    seen.push(...(await Promise.all(machines.slice(at, at + atOnce).map(see))))
  }
  const kept = [...others, ...seen.flatMap((one) => ('suspended' in one ? [one.desired] : []))]
  const known = kept.flatMap((desired) => {
    const resolved = resolveOffline(desired, sight.config, pathsOf(desired, sight.files))
    return 'machine' in resolved ? [resolved.machine] : []
  })
  return refuseCollisions(seen, known)
}

async function seeMachine(
  desired: Desired,
  { config, files, source }: Sight,
  places: SaidPlaces,
  signal: AbortSignal,
): Promise<Seen> {
  const paths = pathsOf(desired, files)
  const from = sourceOf(desired.manifest, paths)
  if ('code' in from) return refused(desired, [from], files)
  try {
    const diskPaths = (desired.manifest.disks ?? []).map((disk) => sourcePath(disk.local_path, paths.fromManifest))
    const observation = await source.observe(from, from.provider === 'local' ? diskPaths : [], signal)
    const laid = withSystem(desired, observation.described?.osId)
    const resolved = resolveMachine(laid, from, observation.described, config, paths)
    if ('issues' in resolved) return refused(laid, resolved.issues, files)
    const place = placeIn(laid, files)
    const said = (keys: readonly Path[]) => places.said(laid.layers, keys)
    const { files: sourceFiles, described } = observation
    const subject = { machine: resolved.machine, sourceFiles, place, said, ...(described ? { described } : {}) }
    return { desired: laid, subject }
  } catch (error) {
    signal.throwIfAborted()
    const known = problemsOrBug(error)
    const at = placeIn(desired, files)(from.provider === 'local' ? ['disks'] : ['source', 'path'])
    return { desired, problems: known.map((problem) => ({ at, address: addressOf(desired.name), ...problem })) }
  }
}

function refused(desired: Desired, issues: readonly Issue[], files: WorkspaceFiles): Seen {
  const address = addressOf(desired.name)
  const problems = placedInLayers(issues, desired.layers, files)
  return { desired, problems: problems.map((problem) => ({ ...problem, address })) }
}

function placeIn({ layers, file: own }: Desired, files: WorkspaceFiles): Subject['place'] {
  return (path) => {
    const found = originOf(layers, path)
    const file = found ? (layers[found.layer]?.origin.file ?? own) : own
    return locate(files.read(file), file, found?.pathInLayer ?? path)
  }
}

/** The files that git names as a machine's source. Absolute. */
export function sourcePaths(desired: Desired, files: WorkspaceFiles): readonly string[] {
  const { source, disks = [] } = desired.manifest
  const { fromManifest } = pathsOf(desired, files)
  const paths = source.path === undefined ? disks.map(({ local_path }) => local_path) : [source.path]
  return paths.map((path) => sourcePath(path, fromManifest))
}

/** What is wrong with machines as far as git alone can tell. */
export function offlineProblems(
  machines: readonly Desired[],
  { config, files }: Omit<Sight, 'source' | 'now'>,
): Problem[] {
  return machines.flatMap((desired) => {
    const issues = offlineIssues(desired, config, pathsOf(desired, files))
    return issues.length > 0 ? [...placedInLayers(issues, desired.layers, files)] : []
  })
}

/** Keys that say something and have no effect: warnings, told once where many machines share one. */
export function uselessProblems(
  machines: readonly Desired[],
  { config, files }: Omit<Sight, 'source' | 'now'>,
): readonly Problem[] {
  const problems = machines.flatMap(({ manifest, layers }) => {
    const issues = [...uselessKeys(manifest, layers, config), ...idleMappings(manifest, layers)]
    return issues.length > 0 ? placedInLayers(issues, layers, files) : []
  })
  return eachOnce(problems).map((problem) => ({ ...problem, severity: 'warning' }))
}

/** How relative paths of a machine become absolute. */
export function pathsOf({ file }: Desired, files: WorkspaceFiles): Paths {
  return {
    fromManifest: (path) => files.resolve(file, path),
    fromWorkspace: (path) => files.resolve('h2k.yaml', path),
    join: files.join,
    fromFile: files.resolve,
  }
}
