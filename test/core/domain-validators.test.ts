import { describe, expect, test } from 'vitest'
import { validateDomain } from '../../src/core/domain-validators/table.ts'
import { refuseWrong } from '../../src/core/finding.ts'

const wrongIn = (xml: string) =>
  validateDomain(xml, 'domain.xml').flatMap(({ rule, severity }) =>
    severity === 'info' ? [] : [`${severity} ${rule}`],
  )

const disk = '<devices><disk><source file="/a"/></disk></devices>'

describe('domain XML', () => {
  test.each([
    ['<domain>', ['critical xml_well_formed']],
    ['<!DOCTYPE domain [<!ENTITY a "b">]><domain/>', ['critical xml_well_formed']],
    [`<network><name>a</name>${disk}</network>`, ['error xml_root_element']],
    [`<domain><name> </name>${disk}</domain>`, ['warning domain_has_name']],
    ['<domain><name>a</name><devices/></domain>', ['error domain_has_disks']],
    ['<domain><name>a</name><devices><disk device="cdrom"/></devices></domain>', ['error domain_has_disks']],
    [`<domain><name>a</name>${disk}</domain>`, []],
  ])('%s: %j', (xml, wrong) => {
    expect(wrongIn(xml)).toEqual(wrong)
  })

  test('is refused for what is an error, with the way out, and not for a warning', () => {
    expect(() => refuseWrong(validateDomain('<network/>', 'domain.xml'), 'domain')).toThrow('xml_root_element')
    expect(() => refuseWrong(validateDomain(`<domain>${disk}</domain>`, 'domain.xml'), 'domain')).not.toThrow()
  })
})
