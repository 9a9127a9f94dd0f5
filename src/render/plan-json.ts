import { addressOf } from '../core/address.ts'
import type { FieldChange } from '../core/diff.ts'
import type { Json } from '../core/json.ts'
import { countActions, countNotApplied, type Plan } from '../core/plan.ts'
import { decisionText } from './decision-text.ts'

function changeJson({ path, from, to, at }: FieldChange): Json {
  return { path, from: from ?? null, to: to ?? null, ...(at ? { at: { ...at } } : {}) }
}

/** A plan as data, for pipelines: what runs and why, per machine; unchanged machines are counted only. */
export function planJson(plan: Plan): Json {
  const { machines, space, duration } = plan
  return {
    workspace: plan.workspace,
    serial: plan.serial,
    counts: countActions(plan),
    ...(plan.waves
      ? {
          waves: plan.waves.map(({ name, pauseAfter, machines: count, window }) => ({
            name,
            pause_after: pauseAfter,
            machines: count,
            ...(window === undefined ? {} : { window }),
          })),
        }
      : {}),
    machines: machines
      .filter(
        ({ action, held, cutOverAt, approval }) => action !== 'noop' || held || cutOverAt !== undefined || approval,
      )
      .map((machine) => ({
        address: addressOf(machine.name),
        name: machine.name,
        file: machine.file,
        action: machine.action,
        ...(machine.wave === undefined ? {} : { wave: machine.wave }),
        ...(machine.cutOverAt === undefined ? {} : { cut_over_at: machine.cutOverAt }),
        ...(machine.approval ? { approval: { ...machine.approval } } : {}),
        ...(machine.downtime
          ? { downtime: { seconds: Math.round(machine.downtime.seconds), basis: machine.downtime.basis } }
          : {}),
        ...(machine.held ? { held: { ...machine.held } } : {}),
        read_bytes: machine.readBytes,
        write_bytes: machine.writeBytes,
        stages: machine.stages.map(({ stage, does, decision }) => ({
          stage,
          does,
          why: decision.run ? decision.why : 'unchanged',
          detail: [...decisionText(decision)],
          ...(decision.run && decision.why === 'changed' ? { changes: decision.changes.map(changeJson) } : {}),
        })),
        notes: [...machine.notes],
        not_applied: [...machine.notApplied],
        ...(machine.options ? { options: [...machine.options] } : {}),
        ...(machine.removals
          ? { removals: machine.removals.map(({ path, standing, bytes }) => ({ path, standing, bytes })) }
          : {}),
        ...(machine.onRemove ? { on_remove: { ...machine.onRemove } } : {}),
        problems: JSON.parse(JSON.stringify(machine.problems)),
      })),
    not_applied: countNotApplied(machines).map((count) => ({ ...count })),
    space: space.map(({ path, neededBytes, freeBytes }) => ({
      path,
      needed_bytes: neededBytes,
      free_bytes: freeBytes,
    })),
    ...(plan.policy ? { policy: JSON.parse(JSON.stringify(plan.policy)) } : {}),
    ...(duration ? { seconds: Math.round(duration.seconds), basis: duration.basis } : {}),
  }
}
