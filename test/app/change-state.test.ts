import { expect, test } from 'vitest'
import { sourceLeftOff } from '../../src/app/recorded-machine.ts'
import type { MachineRecord } from '../../src/core/record.ts'
import type { StateStore } from '../../src/ports/state.ts'
import { removedText } from '../../src/render/state-change-text.ts'

const domain = { uri: 'qemu:///system', uuid: 'u', name: 'old' }

function left(status: 'interrupted' | 'done', wasOn = true) {
  const deeds = new Map([['cutover', { status, attempt: 1, output: {} }]])
  const record = { name: 'web01', stages: new Map(), deeds } as unknown as MachineRecord
  const begun = { of: 'x', begun: 'b', shutdownSeconds: 1, source: { domain, wasOn, autostart: false } }
  return sourceLeftOff(record, { recordedInput: () => begun } as Pick<StateStore, 'recordedInput'>)
}

test('who takes a machine out of the state in the middle of its cutover is told which source is off', () => {
  expect([left('done'), left('interrupted', false)]).toEqual([undefined, undefined])
  const source = left('interrupted')
  expect(source).toEqual(domain)
  const text = removedText(['web01'], { stays: [], sourcesOff: source ? [source] : [], backup: 'b.db' })
  expect(text).toContain('its source, the domain old of qemu:///system: start it yourself')
})
