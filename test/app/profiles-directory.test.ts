import { expect, test } from 'vitest'
import { bareMachine, loaded, told } from './workspace-on-disk.ts'

const bridgeOf = (manifest: {
  readonly network_mapping?: { readonly default_bridge?: string | undefined } | undefined
}) => manifest.network_mapping?.default_bridge

test('a machine’s own folder of profiles comes first, also for what they extend', async () => {
  const { machines, all } = await loaded({
    'profiles/ours.yaml': 'network_mapping: {default_bridge: br0}\n',
    'profiles/other.yaml': 'network_mapping: {default_bridge: br9}\n',
    'customers/a/profiles/ours.yaml': 'extends: base\n',
    'customers/a/profiles/base.yaml': 'network_mapping: {default_bridge: br1}\n',
    'manifests/plain.yaml': bareMachine('profile: ours\n'),
    'manifests/own.yaml': bareMachine('profile: ours\nprofiles_directory: ../customers/a/profiles\n'),
    'manifests/weaker.yaml': bareMachine('profile: other\nprofiles_directory: ../customers/a/profiles/\n'),
  })
  expect(told(all)).toEqual([])
  expect(machines.map(({ name, manifest }) => `${name} ${bridgeOf(manifest)}`)).toEqual([
    'own br1',
    'plain br0',
    'weaker br9',
  ])
})

test('a batch names it for all, relative to itself', async () => {
  const { machines, all } = await loaded({
    'batches/first.yaml':
      'batch_version: "1.0"\nvms: [{manifest: ../manifests/a.yaml}]\nshared_config: {profile: ours, profiles_directory: profiles}\n',
    'batches/profiles/ours.yaml': 'network_mapping: {default_bridge: br7}\n',
    'manifests/a.yaml': bareMachine(),
  })
  expect(told(all)).toEqual([])
  expect(machines.map(({ manifest }) => bridgeOf(manifest))).toEqual(['br7'])
})

test('a folder that is not there, and a profile that is not in it, are told at their line', async () => {
  const { all } = await loaded({
    'manifests/a.yaml': bareMachine('profile: minimal\nprofiles_directory: ../nowhere\n'),
    'manifests/b.yaml': bareMachine('profile: ours\nprofiles_directory: ../manifests\n'),
  })
  expect(told(all)).toEqual([
    'manifests/a.yaml:6:1 FILE_UNREADABLE: there is no such folder',
    'manifests/b.yaml:5:1 PROFILE_UNKNOWN: there is no profile "ours"',
  ])
})
