import { addressOf } from './address.ts'
import type { Issue } from './language/check.ts'
import type { Path } from './layer.ts'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'

export interface Dependent {
  readonly name: string
  /** Names of machines that have to be done before. */
  readonly dependsOn: readonly string[]
  /** When its wave goes: the lowest first. */
  readonly wave: number
}

/** A finding about a machine; the path is that in its manifest. */
export interface DependencyIssue extends Issue {
  readonly machine: string
}

/**
 * What is wrong with the order that machines ask for: dependencies that do not exist (ADDRESS_UNKNOWN), that go in a circle,
 * or into a wave that goes later (both DEPENDENCY_CYCLE). A circle is told once.
 */
export function dependencyIssues(machines: readonly Dependent[]): readonly DependencyIssue[] {
  const byName = new Map(machines.map((machine) => [machine.name, machine]))
  const names = [...byName.keys()]
  // Mostly it is one machine that many miss.
  const missing = new Map<string, string | undefined>()
  const issues = machines.flatMap((machine) =>
    machine.dependsOn.flatMap((name, index) => {
      const [path, other] = [['depends_on', index], byName.get(name)]
      if (other) return other.wave > machine.wave ? [laterWave(machine, other, path)] : []
      if (!missing.has(name)) missing.set(name, nearest(name, names))
      return [noMachine(machine, name, missing.get(name), path)]
    }),
  )
  return [...issues, ...circlesAmong(byName).map(circleIssue)]
}

function noMachine({ name: machine }: Dependent, name: string, near: string | undefined, path: Path): DependencyIssue {
  const summary = `depends_on: there is no machine "${printable(name)}"`
  const hint = near === undefined ? undefined : `did you mean "${printable(near)}"?`
  return { machine, code: 'ADDRESS_UNKNOWN', path, summary, ...(hint === undefined ? {} : { hint }) }
}

function laterWave({ name: machine }: Dependent, { name: other }: Dependent, path: Path): DependencyIssue {
  const summary = `${addressOf(machine)} depends on ${addressOf(other)}, whose wave goes later`
  return { machine, code: 'DEPENDENCY_CYCLE', path, summary, hint: 'move one of them into the wave of the other' }
}

function circleIssue(circle: readonly string[]): DependencyIssue {
  const [machine = ''] = circle
  const way = [...circle, machine].map((name) => addressOf(name)).join(' -> ')
  const summary = `machines depend on each other: ${way}`
  return { machine, code: 'DEPENDENCY_CYCLE', path: ['depends_on'], summary, hint: 'remove one of these dependencies' }
}

/** Walks without recursion: ten thousand machines may stand in one row. */
function circlesAmong(byName: ReadonlyMap<string, Dependent>): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = []
  const done = new Set<string>()
  for (const start of byName.keys()) {
    const way: { readonly name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }]
    const onWay = new Map(way.map(({ name }, index) => [name, index]))
    for (let here = way.at(-1); here; here = way.at(-1)) {
      const to = byName.get(here.name)?.dependsOn[here.next++]
      if (to === undefined) {
        done.add(here.name)
        onWay.delete(here.name)
        way.pop()
        continue
      }
      const begin = onWay.get(to)
      if (begin !== undefined) circles.push(way.slice(begin).map(({ name }) => name))
      else if (byName.has(to) && !done.has(to)) {
        onWay.set(to, way.length)
        way.push({ name: to, next: 0 })
      }
    }
  }
  return circles
}
