import { array, assert, constantFrom, nat, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { manifestSchema } from '../../../src/core/language/manifest.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { domainWith, importedFrom } from './imported.ts'

const whole = domainWith({
  devices: `<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="/a.qcow2"/><target dev="vda" bus="virtio"/><boot order="1"/></disk>
<disk type="volume" device="disk"><source pool="p" volume="v"/><target dev="sda" bus="scsi"/></disk>
<disk type="network" device="lun"><source protocol="rbd" name="a/b"/><target dev="sdb"/></disk>
<interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="br0"/><vlan><tag id="7"/></vlan><model type="virtio"/></interface>
<controller type="scsi" index="0" model="lsilogic"/><tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>`,
  os: '<type arch="x86_64" machine="pc-q35-8.2">hvm</type><loader type="pflash" secure="yes">/c.fd</loader><nvram>/n.fd</nvram>',
  rest: '<cpu mode="host-model"/><clock offset="utc"/><currentMemory unit="MiB">512</currentMemory>',
})
const pieces = whole.split(/(?<=[>"])|(?=[<"])/)
const insertions = [
  '',
  '"',
  '<',
  '>',
  '/>',
  '<disk>',
  '</domain>',
  '\u0001',
  '&a;',
  '-1',
  '99999999999',
  'é',
  '<!--',
  ']]>',
]

const change = record({
  at: nat({ max: pieces.length - 1 }),
  drop: nat({ max: 3 }),
  insert: constantFrom(...insertions, ...pieces),
})

test('whatever became of a domain, it is imported to a valid manifest or refused with a reason', () => {
  assert(
    property(array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const text = changes
        .reduce<readonly string[]>((now, { at, drop, insert }) => now.toSpliced(at, drop, insert), pieces)
        .join('')
      try {
        const { manifest, refused } = importedFrom(text)
        expect(manifestSchema.safeParse(manifest).success).toBe(true)
        for (const each of refused) expect(each).toMatch(/^\d+ .+ -> .+/)
      } catch (error) {
        if (problemsOf(error) === undefined) throw error
      }
    }),
    { numRuns: fuzzRuns(1500) },
  )
})
