import { expect, test } from 'vitest'
import { libvirtUri } from '../../src/core/libvirt-uri.ts'

test.each([
  ['qemu:///system', { remote: false, session: false }],
  ['qemu:///session', { remote: false, session: true }],
  ['qemu+unix:///system?socket=/run/X', { remote: false, session: false }],
  ['qemu+ssh://root@kvm1/system', { remote: true, session: false }],
  ['qemu+ssh://[::1]:2222/system?keyfile=/K', { remote: true, session: false }],
  ['qemu://kvm1/session', { remote: true, session: true }],
])('%j is one, and spelled so', (uri, expected) => {
  expect(libvirtUri(uri)).toEqual({ uri, ...expected })
})

test.each([
  ['xen:///system'],
  ['qemu:///embed?root=/x'],
  ['qemu+ssh://-oProxyCommand=x/system'],
  ['qemu+ssh://a@-oProxyCommand=x/system'],
  ['qemu+ssh://-oProxyCommand=x@kvm1/system'],
  ['qemu:///system\n-x'],
  ['--help'],
])('%j is none', (uri) => {
  expect(libvirtUri(uri)).toBeUndefined()
})

test.each([
  ['QEMU:///System', 'qemu:///system'],
  ['qemu+unix:///system', 'qemu:///system'],
  ['qemu:///system?', 'qemu:///system'],
  ['qemu+ssh://root@KVM1.lab:22/system', 'qemu+ssh://root@kvm1.lab/system'],
  ['qemu+tcp://kvm1:22/system', 'qemu+tcp://kvm1:22/system'],
])('%j leads to the same as %j', (uri, same) => {
  expect(libvirtUri(uri)?.uri).toBe(same)
})
