import type { Hook, HookPoint, MachineHooks } from '../core/hook.ts'
import type { Machine } from '../core/machine.ts'
import { printable } from '../core/printable.ts'
import type { StageName } from '../core/stage-names.ts'

interface Around {
  readonly before: readonly HookPoint[]
  readonly after: readonly HookPoint[]
}

export interface PointedHook {
  readonly point: HookPoint
  readonly hook: Hook
}

const none: Around = { before: [], after: [] }

/** Which hooks run before and after which stage, in this order. Repair of the guest comes right before its conversion. */
const around: Readonly<Record<StageName, Around>> = {
  preflight: none,
  export: { before: ['pre_extraction'], after: ['post_extraction'] },
  convert: { before: ['pre_fix', 'post_fix', 'pre_convert'], after: ['post_convert'] },
  validate: { before: [], after: ['post_validate'] },
  publish: { before: ['pre_publish'], after: ['post_publish'] },
}

export function hooksAround(stage: StageName): Around {
  return around[stage]
}

/** A stage's hooks in the order in which they run, with the point that each hangs on. */
export function hooksOf(stage: StageName, { hooks }: Pick<Machine, 'hooks'>): readonly PointedHook[] {
  return [...around[stage].before, ...around[stage].after].flatMap((point) => hooksAt(point, hooks))
}

export function hooksAt(point: HookPoint, hooks: MachineHooks): readonly PointedHook[] {
  return (hooks[point] ?? []).map((hook) => ({ point, hook }))
}

/** A hook in a plan's line. */
export function describeHook({ point, hook }: PointedHook): string {
  return `${point}: ${printable(hook.name)} (${subject(hook)})`
}

function subject(hook: Hook): string {
  switch (hook.type) {
    case 'script':
    case 'node':
      return `${hook.type} ${printable(hook.path.split('/').at(-1) ?? hook.path)}`
    case 'python':
      return `python ${printable(hook.module)}.${printable(hook.function)}`
    case 'http':
      return `http ${hook.method}${typeof hook.url === 'string' ? ` ${printable(hook.url)}` : ''}`
  }
}
