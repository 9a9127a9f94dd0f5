import { addressOf } from '../core/address.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import { collectingInto, type Problem } from '../core/problem.ts'
import type { Desired } from '../core/resolve-machine.ts'
import type { JsonSchemas, SchemaCheck } from '../ports/json-schemas.ts'
import type { WorkspaceFiles } from '../ports/workspace-files.ts'
import { placedInLayers, readNamed } from './placed-issues.ts'

/**
 * What the schemas of `policy.schemas` deny of the machines, each at the line that gave the value: POLICY_DENIED. They are
 * asked about what a machine's layers come to, before its source completes it.
 */
export async function policyProblems(
  machines: readonly Desired[],
  { policy }: WorkspaceConfig,
  files: WorkspaceFiles,
  load: () => Promise<JsonSchemas>,
): Promise<readonly Problem[]> {
  if (!policy?.schemas?.length) return []
  const schemas = await load()
  const problems: Problem[] = []
  const attempt = collectingInto(problems)
  for (const [index, path] of policy.schemas.entries()) {
    const file = files.relative(files.resolve('h2k.yaml', path))
    const named = { file: 'h2k.yaml', path: ['policy', 'schemas', index] }
    const check = attempt(() =>
      schemas.compile(
        readNamed(() => files.read(file), named, files),
        file,
      ),
    )
    if (!check) continue
    // One that never ends for a machine does not end for the others.
    const found = attempt(() => machines.map((machine) => denied(machine, check, files)))
    problems.push(...(found ?? []).flat())
  }
  return problems
}

function denied({ name, manifest, layers }: Desired, check: SchemaCheck, files: WorkspaceFiles): readonly Problem[] {
  const issues = check(manifest)
  return placedInLayers(issues, layers, files).map((problem) => ({ ...problem, address: addressOf(name) }))
}
