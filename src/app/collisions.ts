import { addressOf } from '../core/address.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { Seen } from './subjects.ts'

const otherThan = {
  OUTPUT_COLLISION: 'place: output.directory, or a directory in the mapping',
  MAC_COLLISION: 'MAC, such as a custom override',
  TARGET_COLLISION: 'name: libvirt_integration.vm_name',
}

// Two machines that write the same file or share a MAC would only be noticed when both run.
export function refuseCollisions(seen: readonly Seen[]): Seen[] {
  const owners = new Map<string, string>()
  return seen.map((one): Seen => {
    if (!one.subject) return one
    const { machine, place } = one.subject
    const address = addressOf(machine.name)
    const problems: Problem[] = []
    const claim = (key: string, code: keyof typeof otherThan, what: string, path: readonly PropertyKey[]) => {
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, machine.name)
      else {
        const whose = owner === machine.name ? 'twice by this machine' : `by machine.${printable(owner)} too`
        const hint = `give one of them another ${otherThan[code]}`
        problems.push({ severity: 'error', code, summary: `${what} is used ${whose}`, hint, at: place(path), address })
      }
    }
    for (const [index, { to, place: belongs }] of machine.disks.entries()) {
      claim(`path ${to.path.toLowerCase()}`, 'OUTPUT_COLLISION', to.path, ['disks', index])
      if (belongs.kind === 'file') {
        claim(`path ${belongs.path.toLowerCase()}`, 'OUTPUT_COLLISION', belongs.path, ['disks', index])
      }
      if (belongs.kind === 'pool') {
        const volume = `pool ${belongs.pool}, ${belongs.volume}`
        claim(volume.toLowerCase(), 'OUTPUT_COLLISION', volume, ['disks', index])
      }
    }
    for (const [index, { mac }] of machine.nics.entries()) {
      claim(`mac ${mac}`, 'MAC_COLLISION', `the MAC ${mac}`, ['nics', index])
    }
    if (machine.target.kind === 'libvirt') {
      const { uri, domain } = machine.target
      claim(`domain ${uri} ${domain.toLowerCase()}`, 'TARGET_COLLISION', `the domain ${domain} of ${uri}`, ['target'])
    }
    if (!problems.some(({ code }) => code === 'OUTPUT_COLLISION')) {
      const path = `${machine.target.directory}/domain.xml`
      claim(`path ${path.toLowerCase()}`, 'OUTPUT_COLLISION', path, ['output', 'directory'])
    }
    return problems.length > 0 ? { desired: one.desired, problems } : one
  })
}
