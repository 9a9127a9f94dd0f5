import { addressOf } from '../core/address.ts'
import type { DiskPlace, Machine } from '../core/machine.ts'
import { nameInWorld } from '../core/made-as.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { Seen } from './subjects.ts'

const otherThan = {
  OUTPUT_COLLISION: 'place: output.directory, or a directory in the mapping',
  MAC_COLLISION: 'MAC, such as a custom override',
  TARGET_COLLISION: 'name: libvirt_integration.vm_name',
  SOURCE_COLLISION: 'source, or cutover: {source_action: none}',
}

/** Something that only one machine may have. */
interface Claim {
  readonly code: keyof typeof otherThan
  readonly what: string
  /** The key that a person edits. */
  readonly path: readonly PropertyKey[]
  /** Letters of another case make it another one. */
  readonly exact?: true
  readonly hint?: string
}

/**
 * Two machines that write the same file or share a MAC would only be noticed when both run: the first by its name keeps it.
 * `others` are those that nobody selected, as far as git alone tells what they are.
 */
export function refuseCollisions(seen: readonly Seen[], others: readonly Machine[]): Seen[] {
  const owners = new Map<string, string>()
  const refused = new Map<string, readonly Problem[]>()
  const subjects = new Map(seen.flatMap(({ subject }) => (subject ? [[subject.machine.name, subject]] : [])))
  const machines = [...[...subjects.values()].map(({ machine }) => machine), ...others]
  // What a renamed machine made is there already.
  const rank = ({ madeAs }: Machine) => (madeAs === undefined ? 1 : 0)
  for (const machine of machines.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))) {
    const taken = claimsOf(machine).flatMap((claim) => {
      const key = keyOf(claim)
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, machine.name)
      return owner === undefined ? [] : [{ claim, owner }]
    })
    const subject = subjects.get(machine.name)
    if (!subject || taken.length === 0) continue
    // Whose disks are in the way has a domain.xml in the way, too.
    const told = taken.filter(({ claim }, index) => index === 0 || !claim.path.includes('output'))
    refused.set(
      machine.name,
      told.map(({ claim, owner }) => problemOf(claim, owner, machine.name, subject.place)),
    )
  }
  return seen.map((one): Seen => {
    const problems = refused.get(one.desired.name)
    return problems ? { desired: one.desired, problems } : one
  })
}

function claimsOf({ disks, nics, target, ...machine }: Machine): readonly Claim[] {
  const file = (what: string, path: Claim['path']): Claim => ({ code: 'OUTPUT_COLLISION', what, path })
  return [
    ...disks.flatMap(({ to, place }, index) => {
      const path = ['disks', index]
      return [file(to.path, path), ...placeClaims(place, target, path)]
    }),
    ...nics.map(({ mac }, index): Claim => ({ code: 'MAC_COLLISION', what: `the MAC ${mac}`, path: ['nics', index] })),
    file(`${target.directory}/domain.xml`, ['output', 'directory']),
    ...domainClaims(target),
    nameClaim(machine),
    ...sourceClaims(machine.sourceDomain),
  ]
}

// Its UUID and its MACs are made of it.
function nameClaim(machine: Pick<Machine, 'name' | 'madeAs'>): Claim {
  return {
    code: 'TARGET_COLLISION',
    what: `what was made as ${addressOf(nameInWorld(machine))}`,
    path: ['source', 'vm_name'],
    exact: true,
    hint: 'give this machine another name in git',
  }
}

function domainClaims(target: Machine['target']): readonly Claim[] {
  if (target.kind === 'files' || !target.define) return []
  return [{ code: 'TARGET_COLLISION', what: `the domain ${target.domain} of ${target.uri}`, path: ['target'] }]
}

// Two cutovers of one source would each take the other's switching off for somebody else's.
function sourceClaims(source: Machine['sourceDomain']): readonly Claim[] {
  if (!source || source.action === 'none') return []
  const what = `the source domain ${source.uuid ?? source.name} of ${source.uri}`
  return [{ code: 'SOURCE_COLLISION', what, path: ['cutover', 'source_action'] }]
}

function placeClaims(place: DiskPlace, target: Machine['target'], path: Claim['path']): readonly Claim[] {
  switch (place.kind) {
    case 'output':
      return []
    case 'file':
      return [{ code: 'OUTPUT_COLLISION', what: place.path, path }]
    case 'pool': {
      const where = target.kind === 'files' ? target.connection : target.uri
      return [
        { code: 'TARGET_COLLISION', what: `the volume ${place.volume} in the pool ${place.pool} of ${where}`, path },
      ]
    }
  }
}

// Some file systems see no difference between letters of different case, or composed in different ways.
function keyOf({ code, what, exact }: Claim): string {
  return exact ? `${code} ${what}` : `${code} ${what.normalize('NFC').toLowerCase()}`
}

function problemOf(
  { code, what, path, hint }: Claim,
  owner: string,
  machine: string,
  place: (path: Claim['path']) => Problem['at'],
): Problem {
  const whose = owner === machine ? 'twice by this machine' : `by machine.${printable(owner)} too`
  const at = place(path)
  const problem = { severity: 'error', code, summary: `${printable(what)} is used ${whose}` } as const
  return {
    ...problem,
    hint: hint ?? `give one of them another ${otherThan[code]}`,
    address: addressOf(machine),
    ...(at ? { at } : {}),
  }
}
