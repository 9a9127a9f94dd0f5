import { expect, it } from 'vitest'
import { idleMappings } from '../../src/core/idle-mappings.ts'
import type { Manifest } from '../../src/core/language/manifest.ts'
import type { Layer } from '../../src/core/layer.ts'
import { mergeLayers } from '../../src/core/merge.ts'
import { layer } from './layer-texts.ts'

const told = (...layers: readonly Layer[]) => {
  return idleMappings(mergeLayers(layers) as unknown as Manifest, layers).map(({ summary }) => summary)
}

const machine = `disks: [{id: boot, datastore: ds-1}, {id: data}]
nics: [{id: a, mac: "00-50-56-AA-BB-01"}]
`
const mapping = `storage_mapping: {disk_mappings: {boot: ../a, ds-1: ../b, bot: ../c}}
network_mapping: {mac_address_overrides: {"00:50:56:aa:bb:01": "52:54:00:00:00:01", "00:50:56:aa:bb:02": "52:54:00:00:00:02"}}
`

it('names what a manifest maps and does not have', () => {
  expect(told(layer(machine + mapping))).toEqual([
    'storage_mapping.disk_mappings: "bot" is of no disk of the machine',
    'network_mapping.mac_address_overrides: "00:50:56:aa:bb:02" is of no NIC of the machine',
  ])
})

it('but not what is said for others too, or of disks that only the source knows', () => {
  expect(told(layer(mapping, 'profile'), layer(machine))).toEqual([])
  expect(told(layer(mapping, 'manifest', 'mappings/ours.yaml'), layer(machine))).toEqual([])
  expect(told(layer(mapping))).toEqual([])
})
