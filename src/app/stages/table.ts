import type { Machine } from '../../core/machine.ts'
import type { Stage } from '../stage.ts'
import { bootTest } from './boot-test.ts'
import { convert } from './convert.ts'
import { exportStage } from './export.ts'
import { fix } from './fix.ts'
import { inspect } from './inspect.ts'
import { preflight } from './preflight.ts'
import { publish } from './publish.ts'
import { validate } from './validate.ts'

/** Every stage, in an order that respects `after`. */
const stages: readonly Stage[] = [preflight, exportStage, inspect, fix, convert, validate, publish, bootTest]

/** The graph of one machine: what its manifest disables is not in it. */
export function stagesOf(machine: Machine): readonly Stage[] {
  return stages.filter((stage) => stage.included(machine))
}
