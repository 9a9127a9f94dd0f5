import { describe, expect, it } from 'vitest'
import { manifestSchema } from '../../src/core/language/manifest.ts'
import { local, machineOf, resolve } from './machines.ts'

const text = (disk: string, rest: string) => `${local.replace('boot.raw}', `boot.raw${disk && `, ${disk}`}}`)}${rest}`
const mapped = (mapping: string) => (mapping ? `storage_mapping: {${mapping}}\n` : '')

describe('a disk', () => {
  it.each([
    ['without a word', '', '', { driver: { discard: 'unmap' } }],
    [
      'as the mapping says for all',
      '',
      'cache: none, io: native, discard: ignore, disk_limits: {iops: 5, bytes_per_second: 7}',
      { driver: { cache: 'none', io: 'native', discard: 'ignore' }, limits: { iops: 5, bytesPerSecond: 7 } },
    ],
    [
      'as it says itself, instead',
      'cache: directsync, limits: {iops: 9}',
      'cache: none, io: native, disk_limits: {iops: 5, bytes_per_second: 7}',
      { driver: { cache: 'directsync', io: 'native', discard: 'unmap' }, limits: { iops: 9 } },
    ],
    ['without limits when it says so', 'limits: {}', 'disk_limits: {iops: 5}', { driver: { discard: 'unmap' } }],
    ['that is thick stays thick', '', 'provisioning: thick', { driver: { discard: 'ignore' } }],
    ['that is thick and may be trimmed', 'discard: unmap', 'provisioning: thick', { driver: { discard: 'unmap' } }],
  ])('%s', (_name, disk, mapping, { driver, ...rest }: { driver: object; limits?: object }) => {
    const found = machineOf(text(disk, mapped(mapping))).disks[0]
    expect(found?.driver).toEqual(driver)
    expect(found?.limits).toEqual(rest.limits)
  })

  it.each([
    ['io: native', '', 'disks.0.io', 'what the target chooses'],
    ['cache: writeback', 'io: native', 'storage_mapping.io', 'writeback'],
  ])('%s %s is refused: native I/O goes past the cache', (disk, mapping, path, cache) => {
    expect(resolve(text(disk, mapped(mapping))).issues).toEqual([
      `VALUE_INVALID ${path}: disk boot: io: native takes cache: none or directsync, and not ${cache}`,
    ])
  })
})

describe('a NIC', () => {
  const limits = (nic: string, rest: string) =>
    machineOf(text('', `nics: [{id: n, network: LAN${nic}}]\nnetwork_mapping: {default_bridge: br0}\n${rest}`)).nics[0]
      ?.limits
  it.each([
    ['without a word', '', '', undefined],
    ['as all of them', '', 'network_limits: {average_kib: 5, burst_kib: 3}', { averageKib: 5, burstKib: 3 }],
    [
      'as it says itself, instead',
      ', limits: {average_kib: 1, peak_kib: 2}',
      'network_limits: {average_kib: 5, burst_kib: 3}',
      { averageKib: 1, peakKib: 2 },
    ],
    ['without limits when it says so', ', limits: {}', 'network_limits: {average_kib: 5}', undefined],
  ])('%s', (_name, nic, rest, expected) => {
    expect(limits(nic, rest)).toEqual(expected)
  })

  it('with a peak above no average is refused', () => {
    const wrong = manifestSchema.safeParse({
      manifest_version: '1.0',
      source: { provider: 'local' },
      network_limits: { peak_kib: 4 },
    })
    expect(wrong.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['network_limits.average_kib', 'average_kib is missing: a peak or a burst is above an average'],
    ])
  })
})
