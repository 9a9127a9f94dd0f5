import type { Json } from '../core/json.ts'
import type { Path } from '../core/layer.ts'
import { isMap } from '../core/layer.ts'
import { readAnswer } from '../core/policy/answer.ts'
import type { Breach, PolicyFinding, PolicyView } from '../core/policy/policy.ts'
import { wantedOf } from '../core/policy/wanted.ts'
import { printable } from '../core/printable.ts'
import { type Place, ProblemError, problem, problemsOf } from '../core/problem.ts'
import { readNamed } from './placed-issues.ts'
import type { Session } from './session.ts'

type PlaceOf = (breach: Breach, ...path: (string | number)[]) => Place

/**
 * What schemas and commands of the workspace deny of a plan.
 * @throws ProblemError for one that cannot be asked
 */
export async function ownFindings(
  view: PolicyView,
  placeOf: PlaceOf,
  session: Session,
  signal: AbortSignal,
): Promise<readonly PolicyFinding[]> {
  const { plan_schemas: schemas = [], commands = [] } = session.config.policy ?? {}
  if (schemas.length === 0 && commands.length === 0) return []
  const wanted = view.machines.flatMap(({ planned, machine, manifest }): [string, Json][] => {
    return machine && manifest ? [[planned.name, wantedOf(machine, manifest)]] : []
  })
  const input = session.policyInput(view.plan, new Map(wanted))
  const asked = { input, placeOf, session }
  const found: PolicyFinding[] = []
  for (const index of schemas.keys()) found.push(...(await bySchema(index, asked)))
  for (const index of commands.keys()) found.push(...(await byCommand(index, asked, signal)))
  return found
}

interface Asked {
  readonly input: Json
  readonly placeOf: PlaceOf
  readonly session: Session
}

async function bySchema(index: number, { input, placeOf, session }: Asked): Promise<readonly PolicyFinding[]> {
  const { config, files } = session
  const rule = config.policy?.plan_schemas?.[index] ?? ''
  const file = files.relative(files.resolve('h2k.yaml', rule))
  const named = { file: 'h2k.yaml', path: ['policy', 'plan_schemas', index] }
  const schemas = await session.schemas()
  const check = schemas.compile(
    readNamed(() => files.read(file), named, files),
    file,
  )
  return check(input).map(({ path, summary, hint }): PolicyFinding => {
    const breach = breachAt(path, summary, input)
    const at = placeOf(breach, 'plan_schemas', index)
    const { keys: _, ...rest } = breach
    return { rule, action: 'deny', ...rest, at, ...(hint === undefined ? {} : { hint }) }
  })
}

/** A finding at a path of the policies' input; what stands in a machine is placed by the machine's own keys. */
function breachAt(path: readonly PropertyKey[], evidence: string, input: Json): Breach {
  const [list, index, ...rest] = path
  const machines = list === 'machines' && isMap(input) && Array.isArray(input.machines) ? input.machines : []
  const machine: unknown = machines[Number(index)]
  const field = path.map(String).join('.')
  if (!isMap(machine) || typeof machine.name !== 'string') return { field, evidence }
  const keys = rest[0] === 'machine' ? keysUnder(rest.slice(1)) : []
  return { machine: machine.name, field: rest.map(String).join('.'), keys, evidence }
}

/** A path and those around it: a default stands nowhere, what it is part of may. */
function keysUnder(path: readonly PropertyKey[]): readonly Path[] {
  const keys = path.map((part) => (typeof part === 'number' ? part : String(part)))
  return keys.map((_, index) => keys.slice(0, keys.length - index))
}

async function byCommand(
  index: number,
  { input, placeOf, session }: Asked,
  signal: AbortSignal,
): Promise<readonly PolicyFinding[]> {
  const command = session.config.policy?.commands?.[index]
  if (!command) return []
  const { name, run, timeout_seconds: timeoutSeconds = 60, action = 'deny' } = command
  const at = placeOf({ field: '', evidence: '' }, 'commands', index)
  const folder = session.files.root
  const refuse = (summary: string) =>
    problem('TOOL_FAILED', `policy ${printable(name)} could not be asked: ${summary}`, {
      at,
      hint: 'see docs/language/policy.md: what a command answers',
    })
  try {
    const answer = await session.policies.ask({ run, folder, timeoutSeconds }, `${JSON.stringify(input)}\n`, signal)
    const read = readAnswer(answer, action)
    if ('fault' in read) throw refuse(read.fault)
    return read.map(({ machine, field, ...finding }): PolicyFinding => {
      const keys =
        field === undefined ? [] : keysUnder(field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)))
      const breach = {
        ...(machine === undefined ? {} : { machine }),
        field: field ?? '',
        keys,
        evidence: finding.evidence,
      }
      const place = placeOf(breach, 'commands', index)
      return {
        rule: name,
        ...finding,
        ...(machine === undefined ? {} : { machine }),
        ...(field === undefined ? {} : { field }),
        at: place,
      }
    })
  } catch (error) {
    signal.throwIfAborted()
    const known = problemsOf(error)
    if (!known) throw error
    throw new ProblemError(known.map((one) => ({ at, ...one })))
  }
}
