import { formatCount } from '../units.ts'
import { child, childrenNamed } from '../xml.ts'
import type { DomainValidator } from './domain-validator.ts'

export const hasDisks: DomainValidator = {
  id: 'domain_has_disks',
  severity: 'error',
  hint: 'list the machine’s disks under disks',
  check(root) {
    const devices = child(root, 'devices')
    const disks = devices ? childrenNamed(devices, 'disk').filter((disk) => child(disk, 'source')) : []
    return { ok: disks.length > 0, evidence: `it has ${formatCount(disks.length, 'disk')}` }
  },
}
