import { expandBatch } from '../core/expand-batch.ts'
import { batchSchema } from '../core/language/batch.ts'
import { check, type Issue } from '../core/language/check.ts'
import { fileKind } from '../core/language/file-kind.ts'
import { parseText } from '../core/language/parse-text.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import { type WorkspaceConfig, workspaceSchema } from '../core/language/workspace.ts'
import { isMap, type Layer } from '../core/layer.ts'
import { originOf } from '../core/origin.ts'
import { policyIssues } from '../core/policy/waivers.ts'
import { printable } from '../core/printable.ts'
import { collectingInto, eachOnce, type Problem, ProblemError } from '../core/problem.ts'
import { type Desired, machineName } from '../core/resolve-machine.ts'
import { type WaveRule, wavesOf } from '../core/waves.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'
import { batchFolder, inFoldersOfTheirOwn } from './batch-folders.ts'
import type { Entry } from './entry.ts'
import { createFileReader, type FileReader } from './file-reader.ts'
import { lay, manifestLayers, refuseEarlierFormat, withMappings } from './lay-machines.ts'
import { inOrder } from './order-problems.ts'
import { readNamed } from './placed-issues.ts'
import { type PlannedEntries, planEntries } from './plan-entries.ts'
import { type ProfileLibrary, profileLibrary } from './profile-library.ts'

const configFile = 'h2k.yaml'

/** What git holds: what can be used of it, and everything that is wrong with the rest. */
export interface Workspace {
  readonly machines: readonly Desired[]
  /** In git, and told to be left as they are. */
  readonly disabled: readonly string[]
  /** In their order, with one for the rest; none without waves. */
  readonly waves: readonly WaveRule[]
  readonly problems: readonly Problem[]
}

/** Reads `h2k.yaml` alone. @throws ProblemError with all that is wrong with it */
export function loadConfig(files: WorkspaceFiles): WorkspaceConfig {
  const content = files.read(configFile)
  const parsed = parseText(content, configFile)
  const { value, issues: wrong = [] } = check(workspaceSchema, parsed)
  const config = value ?? rightPart(parsed, wrong)
  const issues = config ? [...wrong, ...sameWaves(config), ...policyIssues(config.policy ?? {})] : wrong
  if (!value || issues.length > 0) throw new ProblemError(placeIssues(issues, content, configFile))
  return value
}

/** `h2k.yaml` without the keys that are wrong, so that they do not hide what is wrong elsewhere. */
export function rightPart(parsed: unknown, wrong: readonly Issue[]): WorkspaceConfig | undefined {
  if (!isMap(parsed)) return undefined
  const right = Object.entries(parsed).filter(([key]) => !wrong.some(({ path }) => path[0] === key))
  return check(workspaceSchema, { h2k_version: 1, name: 'h2k.yaml', ...Object.fromEntries(right) }).value
}

/** Reads the whole workspace. A manifest with problems does not hide the others. */
export async function loadWorkspace(
  config: WorkspaceConfig,
  files: WorkspaceFiles,
  cache: ParseCache,
  version: string,
): Promise<Workspace> {
  const reader = createFileReader(files, cache, version)
  const include = config.include ?? ['manifests/**/*.{yaml,yml,json}', 'batches/*.{yaml,yml,json}']
  const found = await files.find(include)
  const problems: Problem[] = found.length === 0 ? [nothingIncluded(include)] : []
  const attempt = collectingInto(problems)
  const below = attempt(() => defaultLayers(config, reader))
  const library = profileLibrary(config, reader, below ?? [])
  const parsed = found.flatMap((file) => {
    const kind = attempt(() => fileKind(reader.parse(file)))
    return kind === undefined ? [] : [{ file, kind }]
  })
  const batched = parsed
    .filter(({ kind }) => kind === 'batch')
    .flatMap(({ file }) => attempt(() => batchEntries(file, reader, problems)) ?? [])
  const entries = inFoldersOfTheirOwn(batched)
  // A manifest that a batch names is a machine of that batch, and not another one by itself.
  const named = new Set(entries.map(({ file }) => file))
  for (const { file, kind } of parsed) {
    if (kind !== 'manifest' || named.has(file)) continue
    const parts = attempt(() => ({ manifest: manifestLayers(file, reader) }))
    if (parts) entries.push({ file, parts, enabled: true, priority: 0 })
  }
  let planned: PlannedEntries = { entries, waves: [] }
  for (const { file, kind } of parsed) {
    const { waves = [] } = config
    if (kind === 'vmware2scw') planned = attempt(() => planEntries(file, planned, waves, reader, problems)) ?? planned
  }
  const disabled = new Set<string>()
  const laid = planned.entries.flatMap((entry) => {
    const machine = attempt(() => desiredOf(entry, library, reader))
    if (machine && !entry.enabled) disabled.add(machine.name)
    return machine ?? []
  })
  problems.push(...duplicateNames(laid, files))
  // Without what they all share nobody knows what they come to.
  const waves = wavesOf(config, planned.waves)
  if (!below) return { machines: [], disabled: [], waves, problems: eachOnce(problems) }
  const complete = problems.every(({ severity }) => severity !== 'error')
  const ordered = inOrder(laid, waves, files, complete)
  problems.push(...ordered.problems)
  const machines = ordered.machines.filter(({ name }) => !disabled.has(name)).toSorted(byName)
  return { machines, disabled: [...disabled], waves, problems: eachOnce(problems) }
}

function batchEntries(file: string, reader: FileReader, problems: Problem[]): Entry[] {
  const { files } = reader
  refuseEarlierFormat(reader.parse(file), file, reader)
  const batch = expandBatch(reader.readAs(batchSchema, file), file)
  problems.push(...placeIssues(batch.issues, files.read(file), file))
  return batch.entries.map(({ id, enabled, priority, manifest, layers: { shared, overrides } }): Entry => {
    const inline = 'inline' in manifest
    const own = inline ? file : files.relative(files.resolve(file, manifest.path))
    const parts = {
      manifest: inline
        ? withMappings(manifest.inline, reader)
        : readNamed(() => manifestLayers(own, reader), { file, path: manifest.at }, files),
      shared: withMappings(shared, reader),
      overrides: withMappings(overrides, reader),
      sharedConfigWins: batch.sharedConfigWins,
    }
    const { parallelLimit, continueOnError } = batch
    const report = { vmId: id, directory: batchFolder(shared, reader) }
    const group = { id: batch.id ?? file, file, parallelLimit, continueOnError, report }
    return { file: own, parts, enabled, priority, batch: group, ...(inline ? { name: id } : {}) }
  })
}

function desiredOf(
  { file, parts, priority, batch, name }: Entry,
  library: ProfileLibrary,
  reader: FileReader,
): Desired {
  const profiles = library.of(parts)
  const { manifest, layers, wantsOs } = lay(parts, profiles, reader)
  return {
    name: machineName(manifest.source.vm_name ?? name, file),
    file,
    manifest,
    layers,
    priority: manifest.priority ?? priority,
    ...(batch ? { batch } : {}),
    ...(wantsOs ? { withOs: (os: string) => lay(parts, profiles, reader, os) } : {}),
  }
}

function defaultLayers({ defaults }: WorkspaceConfig, reader: FileReader): readonly Layer[] {
  if (!defaults) return []
  // The target is looked up by name, among the connections.
  const { target: _, ...value } = defaults
  const origin = { kind: 'defaults', name: 'defaults', file: configFile, path: ['defaults'] } as const
  return Object.keys(value).length === 0 ? [] : withMappings({ origin, value }, reader)
}

function sameWaves({ waves = [] }: WorkspaceConfig): Issue[] {
  return waves.flatMap(({ name }, index): Issue[] => {
    if (waves.findIndex((other) => other.name === name) === index) return []
    const summary = `there is a wave "${printable(name)}" already`
    return [{ code: 'NAME_DUPLICATE', path: ['waves', index, 'name'], summary, hint: 'give one of them another name' }]
  })
}

function nothingIncluded(include: readonly string[]): Problem {
  return {
    severity: 'warning',
    code: 'NOTHING_INCLUDED',
    summary: `no file matches ${include.join(', ')}`,
    hint: 'h2k import FILE writes the first manifest',
    at: { file: configFile },
  }
}

function duplicateNames(machines: readonly Desired[], files: WorkspaceFiles): Problem[] {
  const first = new Map<string, Desired>()
  return machines.flatMap((machine): Problem[] => {
    const key = machine.name.normalize('NFC').toLowerCase()
    const other = first.get(key)
    if (!other) {
      first.set(key, machine)
      return []
    }
    const name = printable(machine.name)
    const origin = originOf(machine.layers, ['source', 'vm_name'])
    const file = (origin && machine.layers[origin.layer]?.origin.file) ?? machine.file
    const summary = `the machine "${name}" is also in ${other.file}`
    const hint = 'give one of them another source.vm_name'
    const issue = { code: 'NAME_DUPLICATE', summary, hint, path: origin?.pathInLayer ?? [] } as const
    return [...placeIssues([issue], files.read(file), file)]
  })
}

function byName(a: Desired, b: Desired): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
