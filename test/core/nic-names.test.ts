import { describe, expect, it } from 'vitest'
import { nicNames, nicPlaces } from '../../src/core/nic-names.ts'

const nics = (...models: string[]) => models.map((model) => ({ model }))

describe('the names that NICs will have', () => {
  it.each([
    ['q35', ['virtio'], ['enp1s0']],
    ['q35', ['virtio', 'e1000e', 'virtio'], ['enp1s0', 'enp2s0', 'enp3s0']],
    ['pc', ['virtio', 'e1000', 'vmxnet3'], ['ens3', 'ens4', 'ens5']],
    ['q35', [], []],
  ] as const)('%s with %j: %j', (machineType, models, names) => {
    expect(nicNames(machineType, nics(...models))).toEqual(names)
  })

  it('are unknown where libvirt decides on the place of any of them', () => {
    expect(nicNames('q35', nics('virtio', 'rtl8139'))).toEqual([undefined, undefined])
    expect(nicPlaces('pc', nics(...Array.from({ length: 17 }, () => 'virtio')))).toBeUndefined()
  })
})
