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

/** Which hooks run before and after which stage, in this order. */
const around: Readonly<Record<StageName, Around>> = {
  preflight: none,
  export: { before: ['pre_extraction'], after: ['post_extraction'] },
  inspect: none,
  fix: { before: ['pre_fix'], after: ['post_fix'] },
  convert: { before: ['pre_convert'], after: ['post_convert'] },
  validate: { before: [], after: ['post_validate'] },
  publish: { before: ['pre_publish'], after: ['post_publish'] },
  boot_test: none,
}

export function hooksAround(stage: StageName, { repair }: Pick<Machine, 'repair'>): Around {
  if (stage !== 'convert' || repair !== undefined) return around[stage]
  // Without a repair of the guest its hooks come where it would be.
  return { ...around.convert, before: ['pre_fix', 'post_fix', ...around.convert.before] }
}

/** A stage's hooks in the order in which they run, with the point that each hangs on. */
export function hooksOf(stage: StageName, machine: Pick<Machine, 'hooks' | 'repair'>): readonly PointedHook[] {
  const { before, after } = hooksAround(stage, machine)
  return [...before, ...after].flatMap((point) => hooksAt(point, machine.hooks))
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
