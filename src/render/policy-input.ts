import type { Json } from '../core/json.ts'
import { isMap } from '../core/layer.ts'
import type { Plan } from '../core/plan.ts'
import { planJson } from './plan-json.ts'

/** A plan as policies of users see it: what `h2k plan --json` ends with, and of each machine under `machine` what git wants. */
export function policyInput(plan: Plan, wanted: ReadonlyMap<string, Json>): Json {
  const document = planJson(plan)
  if (!isMap(document)) return document
  const machines = Array.isArray(document.machines) ? (document.machines as readonly Json[]) : []
  return {
    ...document,
    machines: machines.map((machine) => {
      const machineWanted = isMap(machine) ? wanted.get(String(machine.name)) : undefined
      return isMap(machine) && machineWanted !== undefined ? { ...machine, machine: machineWanted } : machine
    }),
  } as Json
}
