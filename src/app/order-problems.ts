import { type Dependent, dependencyIssues } from '../core/dependencies.ts'
import type { Issue } from '../core/language/check.ts'
import { originOf } from '../core/origin.ts'
import { unescaped } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { Desired } from '../core/resolve-machine.ts'
import { createWaves, unknownWave, type WaveRule } from '../core/waves.ts'
import type { WorkspaceFiles } from '../ports/workspace-files.ts'
import { placedInLayers } from './placed-issues.ts'

/**
 * Gives each machine its wave and the names of what it depends on, and tells what is wrong with that. Who is missing can be
 * said only when every file was read.
 */
export function inOrder(
  machines: readonly Desired[],
  rules: readonly WaveRule[],
  files: WorkspaceFiles,
  complete: boolean,
): { readonly machines: readonly Desired[]; readonly problems: readonly Problem[] } {
  const names = new Set(machines.map(({ name }) => name))
  // The last one is that of the rest, which nobody asks for.
  const named = rules.slice(0, -1)
  const waves = createWaves(named)
  const ordered = machines.map((machine): Desired => {
    const wave = waveOf(machine)
    const index = waves.indexOf({
      name: machine.name,
      wave,
      byDefault: wave !== undefined && isDefault(machine, ['wave']),
    })
    const rule = rules[index]
    return {
      ...machine,
      dependsOn: (machine.manifest.depends_on ?? []).map((name) => nameMeant(name, names)),
      ...(rule ? { wave: { index, name: rule.name } } : {}),
    }
  })
  const place = (machine: Desired, issues: readonly Issue[]) => placedInLayers(issues, machine.layers, files)
  const unknown = ordered.flatMap((machine) => {
    const wave = waveOf(machine)
    return wave === undefined || waves.has(wave) ? [] : place(machine, [unknownWave(wave, named, ['wave'])])
  })
  const byName = new Map(ordered.map((machine) => [machine.name, machine]))
  const circles = dependencyIssues(ordered.map(dependent))
    .filter(({ code }) => complete || code !== 'ADDRESS_UNKNOWN')
    .flatMap(({ machine: name, ...issue }) => {
      const machine = byName.get(name)
      return machine ? place(machine, [issue]) : []
    })
  return { machines: ordered, problems: [...unknown, ...circles] }
}

function dependent({ name, dependsOn = [], wave }: Desired): Dependent {
  return { name, dependsOn, wave: wave?.index ?? 0 }
}

function waveOf({ manifest }: Desired): string | undefined {
  return manifest.wave ?? undefined
}

function isDefault({ layers }: Desired, path: readonly string[]): boolean {
  const origin = originOf(layers, path)
  return origin !== undefined && layers[origin.layer]?.origin.kind === 'defaults'
}

// `machine.db01` is what h2k itself calls it.
function nameMeant(text: string, names: ReadonlySet<string>): string {
  if (names.has(text) || !text.startsWith('machine.')) return text
  const name = unescaped(text.slice('machine.'.length))
  return names.has(name) ? name : text
}
