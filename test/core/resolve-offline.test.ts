import { expect, it } from 'vitest'
import { offlineIssues } from '../../src/core/resolve-offline.ts'
import { config, desiredOf, local, manifest, ova, paths } from './machines.ts'

const issues = (yaml: string) => {
  return offlineIssues(desiredOf('web', manifest(yaml)), config, paths).map(
    ({ code, path }) => `${code} ${path.join('.')}`,
  )
}

it.each([
  ['an OVA of which git says nothing more', ova],
  [
    'an OVA of which git says what only the source could contradict',
    `${ova}vm: {secureboot: true}\noutput: {filename: web.qcow2}\ndisks: [{id: a, source_format: vmdk, bytes: 1, local_path: x.vmdk}]\n`,
  ],
  ['bare images', local],
])('takes no offence at %s', (_name, yaml) => {
  expect(issues(yaml)).toEqual([])
})

it.each([
  ['a NIC without a mapping', `${local}nics: [{id: a, network: DMZ}]\n`, ['MAPPING_NETWORK_MISSING nics.0']],
  [
    'the same in an OVA',
    'source: {provider: ova, path: a.ova}\nnics: [{id: a, network: DMZ}]\n',
    ['MAPPING_NETWORK_MISSING nics.0'],
  ],
  ['a target that is not there', `${ova}target: kvm9\n`, ['CONNECTION_UNKNOWN target']],
  [
    'secure boot of what git wants to be a BIOS',
    `${ova}vm: {firmware: bios, secureboot: true}\n`,
    ['VALUE_INVALID vm.secureboot'],
  ],
  ['an OVA without a path', 'source: {provider: ova}\n', ['KEY_MISSING source']],
  ['images without CPUs', local.replace('cpu: 1, ', ''), ['KEY_MISSING vm.cpu']],
])('sees %s', (_name, yaml, found) => {
  expect(issues(yaml)).toEqual(found)
})
