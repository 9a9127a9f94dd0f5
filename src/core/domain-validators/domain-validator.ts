import type { Rule, Verdict } from '../finding.ts'
import type { XmlElement } from '../xml.ts'

/** One thing that is looked at in a domain's XML before anybody defines it. */
export interface DomainValidator extends Rule {
  check(root: XmlElement): Verdict
}

export const reportBug = 'this is a fault of h2k: run it with H2K_DEBUG=1 and report what it prints'
