import { printable } from '../printable.ts'
import { type DomainValidator, reportBug } from './domain-validator.ts'

export const rootElement: DomainValidator = {
  id: 'xml_root_element',
  severity: 'error',
  hint: reportBug,
  check: ({ name }) => ({ ok: name === 'domain', evidence: `its root is <${printable(name)}>` }),
}
