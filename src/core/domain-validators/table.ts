import { findingOf } from '../finding.ts'
import type { Finding } from '../outputs.ts'
import { problemsOf } from '../problem.ts'
import { parseXml, type XmlElement } from '../xml.ts'
import { type DomainValidator, reportBug } from './domain-validator.ts'
import { hasDisks } from './has-disks.ts'
import { hasName } from './has-name.ts'
import { rootElement } from './root-element.ts'

const validators: readonly DomainValidator[] = [rootElement, hasName, hasDisks]

const wellFormed = { id: 'xml_well_formed', severity: 'critical', hint: reportBug } as const

/** Looks at the text of a domain's XML; `subject` is its name in the findings. */
export function validateDomain(xml: string, subject: string): readonly Finding[] {
  const read = parsed(xml, subject)
  if (typeof read === 'string') return [findingOf(wellFormed, subject, { ok: false, evidence: read })]
  return [
    findingOf(wellFormed, subject, { ok: true, evidence: 'it can be read' }),
    ...validators.map((validator) => findingOf(validator, subject, validator.check(read))),
  ]
}

function parsed(xml: string, subject: string): XmlElement | string {
  try {
    return parseXml(xml, subject)
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return problems.map(({ summary }) => summary).join('; ')
  }
}
