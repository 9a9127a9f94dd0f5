import type { Batch } from './language/batch.ts'
import type { Issue } from './language/check.ts'
import { isMap, type Layer, type Path, valueAt } from './layer.ts'
import { printable } from './printable.ts'

/** A file, relative to the batch's, and where the batch names it; or what stands in the batch itself. */
export type BatchManifest = { readonly path: string; readonly at: Path } | { readonly inline: Layer }

/** One machine of a batch. */
export interface BatchEntry {
  readonly id: string
  readonly priority: number
  /** Whether anything is done with it. A machine that is not enabled is still in git: it is not forgotten. */
  readonly enabled: boolean
  readonly manifest: BatchManifest
  readonly layers: { readonly shared: Layer; readonly overrides: Layer }
}

export interface ExpandedBatch {
  readonly id?: string
  readonly parallelLimit: number
  readonly continueOnError: boolean
  readonly sharedConfigWins: boolean
  /** As they stand in the file. */
  readonly entries: readonly BatchEntry[]
  /** An entry without a manifest is not among the entries. */
  readonly issues: readonly Issue[]
}

/** Takes a batch apart, with every default filled in. */
export function expandBatch(batch: Batch, file: string): ExpandedBatch {
  const { batch_id: id, parallel_limit: limit, continue_on_error: goOn } = batch.batch_metadata ?? {}
  const ids = batch.vms.map((vm, index) => vm.id ?? `vm_${index}`)
  const issues: Issue[] = sameIds(ids)
  const shared = sharedLayer(batch, file)
  if ('code' in shared) issues.push(shared)
  const entries = batch.vms.flatMap((vm, index): BatchEntry[] => {
    const manifest = manifestOf(vm, file, index)
    if ('code' in manifest) issues.push(manifest)
    if ('code' in manifest || 'code' in shared) return []
    const { priority = 0, enabled = true } = vm
    const path = ['vms', index, 'overrides']
    const name = `overrides of ${printable(ids[index] ?? '')}`
    const overrides: Layer = { origin: { kind: 'overrides', name, file, path }, value: vm.overrides ?? {} }
    return [{ id: ids[index] ?? '', priority, enabled, manifest, layers: { shared, overrides } }]
  })
  return {
    ...(id === undefined ? {} : { id }),
    parallelLimit: limit ?? 4,
    continueOnError: goOn ?? true,
    sharedConfigWins: batch.shared_config_wins ?? false,
    entries,
    issues,
  }
}

function manifestOf({ manifest, machine }: Batch['vms'][number], file: string, index: number): BatchManifest | Issue {
  const [name, path] = [`vms[${index}]`, ['vms', index]]
  if (manifest !== undefined && machine !== undefined) {
    const summary = `${name} has both manifest and machine`
    return { code: 'VALUE_INVALID', path: [...path, 'machine'], summary, hint: 'remove one of them' }
  }
  if (manifest !== undefined) return { path: manifest, at: [...path, 'manifest'] }
  if (machine === undefined) {
    const summary = `${name}.manifest is missing`
    return { code: 'KEY_MISSING', path, summary, hint: 'name a file, or write the manifest itself under machine' }
  }
  return {
    inline: { origin: { kind: 'manifest', name: 'manifest', file, path: [...path, 'machine'] }, value: machine },
  }
}

function sharedLayer({ shared_config: shared = {} }: Batch, file: string): Layer | Issue {
  const path = ['shared_config']
  const origin = { kind: 'shared_config', name: 'shared_config', file, path } as const
  const { output_directory: directory, ...value } = shared
  if (directory === undefined) return { origin, value }
  const alias = [...path, 'output_directory']
  if (valueAt(value, ['output', 'directory']) !== undefined) {
    const summary = 'output_directory means output.directory, which is there too'
    return { code: 'VALUE_INVALID', path: alias, summary, hint: 'remove one of them' }
  }
  const output = valueAt(value, ['output'])
  return {
    origin: { ...origin, moved: [{ to: ['output', 'directory'], from: alias }] },
    value: { ...value, output: { ...(isMap(output) ? output : {}), directory } },
  }
}

// Each of the two places says where the other one is.
function sameIds(ids: readonly string[]): Issue[] {
  const first = new Map<string, number>()
  const told = new Set<number>()
  return ids.flatMap((id, index) => {
    const other = first.get(id)
    if (other === undefined) {
      first.set(id, index)
      return []
    }
    const issue = (at: number, too: number): Issue => {
      const summary = `the id "${printable(id)}" is also that of vms[${too}]`
      return { code: 'NAME_DUPLICATE', path: ['vms', at, 'id'], summary, hint: 'give one of them another id' }
    }
    const issues = [...(told.has(other) ? [] : [issue(other, index)]), issue(index, other)]
    told.add(other)
    return issues
  })
}
