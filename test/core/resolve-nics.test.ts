import { describe, expect, it } from 'vitest'
import type { DescribedNic } from '../../src/core/described.ts'
import { manifestNic } from '../../src/core/resolve-nics.ts'
import { described, local, machineOf, ova, resolve } from './machines.ts'

const nics: readonly DescribedNic[] = [
  { id: 'nic0', network: 'VM Network', mac: '00:50:56:aa:bb:01', model: 'vmxnet3' },
  { id: 'nic1', network: '', mac: '00:50:56:aa:bb:02' },
  { id: 'nic2', network: 'VM Network' },
]

it('keeps the source’s order', () => {
  const text = `${ova.replace('}}', '}, default_bridge: br9}')}`
  expect(machineOf(text, { ...described, nics }).nics).toMatchObject([
    { id: 'nic0', mac: '00:50:56:aa:bb:01', attach: { name: 'br0' }, model: 'virtio', sourceNetwork: 'VM Network' },
    { id: 'nic1', mac: '00:50:56:aa:bb:02', attach: { name: 'br9' } },
    { id: 'nic2', attach: { name: 'br0' } },
  ])
})

it('takes a NIC that was connected to nothing for one without a network', () => {
  expect(manifestNic({ id: 'nic1', network: '', mac: '00:50:56:aa:bb:02' })).toEqual({
    id: 'nic1',
    mac: '00:50:56:aa:bb:02',
  })
  expect(resolve(ova, { ...described, nics }).issues).toEqual([
    'MAPPING_NETWORK_MISSING nics.1: nic nic1: no mapping for a NIC without a network',
  ])
})

describe('git’s NICs', () => {
  it('replace the source’s', () => {
    const text = `${ova}nics: [{id: lan, network: VM Network, mac: "00:50:56:00:00:09"}]\n`
    expect(machineOf(text, described).nics).toMatchObject([{ id: 'lan', mac: '00:50:56:00:00:09' }])
    expect(machineOf(`${ova}nics: []\n`, described).nics).toEqual([])
  })

  it('have ids of their own', () => {
    const text = `${local}nics: [{id: a, network: n}, {id: a, network: n}]\nnetwork_mapping: {source_networks: {n: br0}}\n`
    expect(resolve(text).issues).toEqual(['NAME_DUPLICATE nics.1.id: two NICs have the id "a"'])
  })
})
