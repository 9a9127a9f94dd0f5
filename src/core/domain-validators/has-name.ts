import { printable } from '../printable.ts'
import { textOf } from '../xml.ts'
import type { DomainValidator } from './domain-validator.ts'

export const hasName: DomainValidator = {
  id: 'domain_has_name',
  severity: 'warning',
  hint: 'give the machine a name: source.vm_name',
  check(root) {
    const name = textOf(root, 'name')?.trim()
    return { ok: Boolean(name), evidence: name ? `it is called ${printable(name)}` : 'it has no name' }
  },
}
