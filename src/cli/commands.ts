import Apply from '../commands/apply.ts'
import Approve from '../commands/approve.ts'
import Cutover from '../commands/cutover.ts'
import Destroy from '../commands/destroy.ts'
import Doctor from '../commands/doctor.ts'
import Drift from '../commands/drift.ts'
import Graph from '../commands/graph.ts'
import Import from '../commands/import.ts'
import Init from '../commands/init.ts'
import Plan from '../commands/plan.ts'
import ProfileList from '../commands/profile/list.ts'
import ProfileShow from '../commands/profile/show.ts'
import Report from '../commands/report.ts'
import Rollback from '../commands/rollback.ts'
import Schema from '../commands/schema.ts'
import Show from '../commands/show.ts'
import StateBackup from '../commands/state/backup.ts'
import StateHistory from '../commands/state/history.ts'
import StateImport from '../commands/state/import.ts'
import StateList from '../commands/state/list.ts'
import StateMv from '../commands/state/mv.ts'
import StatePull from '../commands/state/pull.ts'
import StatePush from '../commands/state/push.ts'
import StateRm from '../commands/state/rm.ts'
import StateShow from '../commands/state/show.ts'
import StateUnlock from '../commands/state/unlock.ts'
import Status from '../commands/status.ts'
import Validate from '../commands/validate.ts'
import Why from '../commands/why.ts'

/** Every command by its name, for oclif's `explicit` strategy: no folder is searched at start-up. */
export const commands = {
  apply: Apply,
  approve: Approve,
  cutover: Cutover,
  destroy: Destroy,
  doctor: Doctor,
  drift: Drift,
  graph: Graph,
  import: Import,
  init: Init,
  plan: Plan,
  'profile:list': ProfileList,
  'profile:show': ProfileShow,
  report: Report,
  rollback: Rollback,
  schema: Schema,
  show: Show,
  'state:backup': StateBackup,
  'state:history': StateHistory,
  'state:import': StateImport,
  'state:list': StateList,
  'state:mv': StateMv,
  'state:pull': StatePull,
  'state:push': StatePush,
  'state:rm': StateRm,
  'state:show': StateShow,
  'state:unlock': StateUnlock,
  status: Status,
  validate: Validate,
  why: Why,
}
