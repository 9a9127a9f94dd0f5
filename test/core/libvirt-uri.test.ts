import { expect, test } from 'vitest'
import { libvirtUri } from '../../src/core/libvirt-uri.ts'

test.each([
  ['qemu:///system', { remote: false, session: false }],
  ['qemu:///session', { remote: false, session: true }],
  ['qemu+unix:///system?socket=/run/x', { remote: false, session: false }],
  ['qemu+ssh://root@kvm1/system', { remote: true, session: false }],
  ['qemu+ssh://[::1]:2222/system?keyfile=/k', { remote: true, session: false }],
  ['qemu://kvm1/session', { remote: true, session: true }],
  ['xen:///system', undefined],
  ['qemu:///embed?root=/x', undefined],
  ['qemu+ssh://-oProxyCommand=x/system', undefined],
  ['qemu+ssh://a@-oProxyCommand=x/system', undefined],
  ['qemu:///system\n-x', undefined],
  ['--help', undefined],
])('%j', (uri, expected) => {
  expect(libvirtUri(uri)).toEqual(expected)
})
