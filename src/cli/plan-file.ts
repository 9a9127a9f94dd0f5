import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readNamed } from '../app/placed-issues.ts'
import type { Session } from '../app/session.ts'
import type { Plan } from '../core/plan.ts'
import { type PlanKey, readPlanKey, requireSignature, signPlan } from '../core/plan-signature.ts'
import { problem, problemsOf } from '../core/problem.ts'
import { openSavedPlan, type SavedPlan, savePlan } from '../core/saved-plan.ts'
import { packageRoot } from './package-root.ts'
import { readJson, readText, writePlan } from './user-files.ts'

const variable = 'H2K_PLAN_KEY'

/** Saves a plan, signed where `H2K_PLAN_KEY` names a key. @throws ProblemError WORKSPACE_EXISTS, PLAN_KEY_INVALID */
export async function savePlanFile(plan: Plan, path: string): Promise<SavedPlan> {
  const key = await ownKey()
  const saved = key ? signPlan(savePlan(plan), key) : savePlan(plan)
  await writePlan(path, `${JSON.stringify(saved, null, 1)}\n`)
  return saved
}

/** Reads a saved plan, whoever signed it. @throws ProblemError PLAN_UNREADABLE, PLAN_ALTERED */
export async function readPlanFile(path: string, { schemas }: Pick<Session, 'schemas'>): Promise<SavedPlan> {
  const read = await readJson(path)
  const schema = await readFile(join(packageRoot, 'schemas/plan.json'))
  return openSavedPlan(read, path, (await schemas()).compileOwn(schema, 'schemas/plan.json'))
}

/**
 * Refuses a plan that is not signed as it has to be: by the key of `H2K_PLAN_KEY`, where that is set, and by one of
 * `policy.plan_keys`, where the workspace has some.
 * @throws ProblemError PLAN_UNSIGNED, PLAN_ALTERED, PLAN_KEY_INVALID
 */
export async function requireTrusted(
  saved: SavedPlan,
  path: string,
  session: Pick<Session, 'config' | 'files'>,
): Promise<void> {
  for (const keys of await trustedKeys(session)) requireSignature(saved, path, keys)
}

/** Refuses to apply what nobody saved and signed, where the workspace wants that. @throws ProblemError PLAN_UNSIGNED */
export function requireNoPlanKeys({ config }: Pick<Session, 'config'>): void {
  if (!config.policy?.plan_keys) return
  const hint = 'h2k plan --out FILE with the private key in H2K_PLAN_KEY, then h2k apply FILE'
  throw problem('PLAN_UNSIGNED', 'this workspace applies signed plans only: policy.plan_keys', {
    hint,
    at: { file: 'h2k.yaml' },
  })
}

/** Each list has to have signed. */
async function trustedKeys({
  config,
  files,
}: Pick<Session, 'config' | 'files'>): Promise<readonly (readonly PlanKey[])[]> {
  const own = await ownKey()
  const paths = config.policy?.plan_keys
  const named = paths?.map((path, index) => {
    const file = files.relative(files.resolve('h2k.yaml', path))
    const use = { file: 'h2k.yaml', path: ['policy', 'plan_keys', index] }
    return readPlanKey(new TextDecoder().decode(readNamed(() => files.read(file), use, files)), file)
  })
  return [...(own ? [[own]] : []), ...(named ? [named] : [])]
}

/** The key of whoever runs h2k: a file, or the PEM itself, as secrets of CI services are. */
async function ownKey(): Promise<PlanKey | undefined> {
  const value = process.env[variable]
  if (value === undefined || value === '') return undefined
  return readPlanKey(value.includes('-----BEGIN') ? value : await keyFile(value), variable)
}

// Whatever is no file may be a key in a form that is not known here: it is not shown.
async function keyFile(path: string): Promise<string> {
  try {
    return await readText(path)
  } catch (error) {
    if (!problemsOf(error)) throw error
    const hint = 'set it to the path of a PEM file, or to the PEM itself'
    throw problem('PLAN_KEY_INVALID', `${variable} is no file that can be read, and no PEM`, { hint })
  }
}
