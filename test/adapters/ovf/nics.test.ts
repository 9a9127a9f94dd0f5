import { expect, it } from 'vitest'
import { parseOvf } from '../../../src/adapters/ovf/parse-ovf.ts'
import { item, vmwareOvf } from './descriptors.ts'

const parse = (text: string) => parseOvf(text, 'web01.ovf')

it('keeps network cards as they are written where not all have a place', () => {
  const card = (name: string, more = {}) => item({ InstanceID: 9, ResourceType: 10, Connection: name, ...more })
  const machine = parse(
    vmwareOvf({ items: card('b', { AddressOnParent: 9 }) + card('a') + card('c', { AddressOnParent: 1 }) }),
  )
  expect(machine.nics.map(({ id, network }) => `${id} ${network}`)).toEqual(['nic0 b', 'nic1 a', 'nic2 c'])
})

it.each([
  ['00-50-56-AA-BB-CC', '00:50:56:aa:bb:cc'],
  ['080027ABCDEF', '08:00:27:ab:cd:ef'],
  ['00:50:56:aa:bb', undefined],
  ['00:50-56:aa:bb:cc', undefined],
  ['7', undefined],
])('reads the MAC %s as %s', (address, mac) => {
  const machine = parse(vmwareOvf({ items: item({ ResourceType: 10, Connection: 'n', Address: address }) }))
  expect(machine.nics[0]?.mac).toBe(mac)
  expect(machine.warnings.some((warning) => warning.includes('no MAC'))).toBe(mac === undefined)
})
