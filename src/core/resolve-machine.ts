import type { DescribedMachine } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import type { Layer } from './layer.ts'
import type { Machine, MachineBatch, MachineSource } from './machine.ts'
import { type InWorld, nameInWorld } from './made-as.ts'
import { resolveBootPhase } from './resolve-boot-phase.ts'
import { resolveBootTest, resolveConversion, resolveValidation } from './resolve-conversion.ts'
import { resolveDisks } from './resolve-disks.ts'
import { resolveInspection, resolveRepair } from './resolve-guest.ts'
import { resolveHardware } from './resolve-hardware.ts'
import { resolveMachineHooks } from './resolve-hooks.ts'
import { resolveNics } from './resolve-nics.ts'
import { resolveNotApplied } from './resolve-not-applied.ts'
import { resolvePatches } from './resolve-patches.ts'
import { resolveSourceDomain } from './resolve-source-domain.ts'
import { resolveSteering } from './resolve-steering.ts'
import { resolveTarget } from './resolve-target.ts'
import { addressIssue, sourcePath } from './source-address.ts'

/** Turns the paths of a manifest into absolute ones: core knows no file system. */
export interface Paths {
  fromManifest(path: string): string
  fromWorkspace(path: string): string
  join(folder: string, name: string): string
  /** As another file of the workspace means it. */
  fromFile(file: string, path: string): string
}

export interface Desired extends InWorld {
  readonly name: string
  /** Where its relative paths begin. */
  readonly file: string
  /** What its layers come to. */
  readonly manifest: Manifest
  /** The weakest first. */
  readonly layers: readonly Layer[]
  /** The lowest goes first. */
  readonly priority: number
  readonly batch?: MachineBatch
  /** Where the workspace has waves. */
  readonly wave?: { readonly index: number; readonly name: string }
  /** Names of machines that have to be done before. */
  readonly dependsOn?: readonly string[]
  /** Set when a profile asks for the system and git does not say it: lays again with what the source calls it. */
  withOs?(os: string): Pick<Desired, 'manifest' | 'layers'>
}

/** A machine's name: what git calls it, else what its file is called (its folder, for a `manifest.yaml`). */
export function machineName(written: string | undefined, file: string): string {
  if (written !== undefined) return written
  const parts = file.split('/')
  const stem = (parts.at(-1) ?? file).replace(/(?<=.)\.[^.]+$/, '')
  return stem === 'manifest' ? (parts.at(-2) ?? stem) : stem
}

/** Where the machine's images are, or what cannot be honoured yet. */
export function sourceOf(manifest: Manifest, paths: Paths): MachineSource | Issue {
  const { provider, path, connection } = manifest.source
  const files = provider === 'local' || provider === 'ova' || provider === 'ovf'
  if (files && connection !== undefined) {
    const summary = `source.connection has no effect: ${provider} is read from files`
    return { code: 'VALUE_INVALID', path: ['source', 'connection'], summary, hint: 'remove it' }
  }
  const issue = addressIssue(manifest)
  if (issue) return issue
  if ((provider === 'ova' || provider === 'ovf') && path !== undefined)
    return { provider, path: sourcePath(path, paths.fromManifest) }
  // Disks that somebody exported already are files, whatever they were exported from.
  const listed = manifest.disks !== undefined && manifest.disks.length > 0
  if (listed && (connection === undefined || provider === 'libvirt')) return { provider: 'local' }
  if (provider === 'local') {
    return { code: 'KEY_MISSING', path: ['source'], summary: 'disks is missing: a local source cannot list them' }
  }
  if (files)
    return { code: 'KEY_MISSING', path: ['source'], summary: `source.path is missing: which ${provider} is it?` }
  if (provider === 'libvirt' && connection !== undefined) {
    const summary = 'disks is missing: this version does not ask a libvirt for them when it plans'
    const hint = `h2k import --domain NAME --connection ${connection} writes them`
    return { code: 'KEY_MISSING', path: ['source'], summary, hint }
  }
  return {
    code: 'NOT_BUILT',
    path: ['source', connection === undefined ? 'provider' : 'connection'],
    summary: `this version cannot read from ${provider}`,
    hint: manifest.disks?.length
      ? 'remove source.connection: then the files under disks are its source'
      : 'export the machine to an OVA, or list its image files under disks',
  }
}

/** What git says once the source has told the machine's system. */
export function withSystem(desired: Desired, osId: string | undefined): Desired {
  return desired.withOs && osId !== undefined ? { ...desired, ...desired.withOs(osId) } : desired
}

/** Completes what git says by what the source says; git wins. */
export function resolveMachine(
  desired: Desired,
  source: MachineSource,
  described: DescribedMachine | undefined,
  config: WorkspaceConfig,
  paths: Paths,
): { machine: Machine } | { issues: readonly Issue[] } {
  const { file, priority, manifest, layers } = desired
  const name = nameInWorld(desired)
  const issues: Issue[] = []
  const target = resolveTarget(manifest, { name, layers, config, paths }, issues)
  const hardware = resolveHardware(manifest, described, issues)
  const bootPhase = resolveBootPhase(manifest, target, issues)
  const phase = bootPhase ? { bootPhase } : {}
  const disks = resolveDisks(described, source, { name, manifest, layers, target, paths, ...phase }, issues)
  const nics = resolveNics(name, manifest, described, issues)
  const conversion = resolveConversion(manifest, disks, issues)
  const validation = resolveValidation(manifest)
  const repair = resolveRepair(manifest, { described, hardware, nics, layers, paths }, issues)
  const inspection = resolveInspection(manifest, repair !== undefined, paths)
  const bootTest = resolveBootTest(manifest, target, issues)
  const hooks = resolveMachineHooks(manifest, layers, paths, issues)
  const steering = resolveSteering(manifest, issues)
  const sourceDomain = resolveSourceDomain(name, manifest, config, target, issues)
  const type = target.domainType ?? 'kvm'
  const domainPatches = hardware
    ? resolvePatches(manifest, { workspace: config.name, name, type, hardware, disks, nics }, issues)
    : []
  const unapplied = resolveNotApplied(manifest, target)
  if (issues.length > 0 || !hardware) return { issues }
  return {
    machine: {
      name: desired.name,
      ...(desired.madeAs === undefined ? {} : { madeAs: desired.madeAs }),
      ...(desired.domainUuid === undefined ? {} : { domainUuid: desired.domainUuid }),
      file,
      priority,
      ...(desired.batch ? { batch: desired.batch } : {}),
      ...(desired.wave ? { wave: desired.wave.name } : {}),
      dependsOn: desired.dependsOn ?? [],
      source,
      ...(sourceDomain ? { sourceDomain } : {}),
      hardware,
      disks,
      nics,
      conversion,
      target,
      hooks,
      steering,
      ...(domainPatches.length > 0 ? { domainPatches } : {}),
      notApplied: unapplied,
      ...(validation ? { validation } : {}),
      ...(inspection ? { inspection } : {}),
      ...(repair ? { repair } : {}),
      ...phase,
      ...(bootTest ? { bootTest } : {}),
    },
  }
}
