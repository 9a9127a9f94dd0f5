import { describe, expect, it } from 'vitest'
import { shownValue } from '../../../src/core/language/hidden-value.ts'

describe('values of a manifest as they may be shown', () => {
  it.each([
    ['configuration.users.create.0.password'],
    ['configuration.users.create'],
    ['configuration.network.systemd_networkd.0.content'],
    ['configuration.network.netplan'],
    ['configuration.cloud_init.chpasswd.list'],
  ])('%s: that it is there', (path) => {
    expect(shownValue(path.split('.'), 'geheim')).toBe('(not shown)')
  })

  it.each([['configuration.users.create.0.name'], ['configuration.hostname.hostname'], ['vm.cpu']])('%s', (path) => {
    expect(shownValue(path.split('.'), 'web01')).toBe('web01')
  })
})
