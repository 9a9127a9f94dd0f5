import type { Issue } from './language/check.ts'
import type { Vmware2scwPlan } from './language/vmware2scw.ts'
import { type Path, valueAt } from './layer.ts'
import { otherNetworks } from './vmware2scw-layers.ts'

/** What a plan asks for and this version does not do. `written` is the plan as it stands, without defaults filled in. */
export function notAppliedOfPlan(plan: Vmware2scwPlan, written: unknown): readonly Issue[] {
  const tell = (path: Path, why: string): Issue => {
    return { code: 'NOT_BUILT', path, summary: `${path.join('.')} is not applied by this version (${why})` }
  }
  const told = table.filter(([path, , asks]) => asks(valueAt(written, path)))
  return [
    ...told.map(([path, why]) => tell(path, why)),
    ...otherNetworks(plan).map((path) => tell(path, 'what it is mapped to is no bridge: Scaleway target')),
  ]
}

type Asks = (value: unknown) => boolean

const given: Asks = (value) => value !== undefined && value !== null

const table: readonly (readonly [path: Path, why: string, asks: Asks])[] = [
  [['concurrency', 'max_exports_per_host'], 'vSphere source', given],
  [['concurrency', 'max_concurrent_uploads'], 'Scaleway target', given],
  [['concurrency', 'max_concurrent_imports'], 'Scaleway target', given],
  [['post_migration', 'tag_source'], 'vSphere source', given],
  [['post_migration', 'power_off_source'], 'vSphere source', (value) => value === true],
]
