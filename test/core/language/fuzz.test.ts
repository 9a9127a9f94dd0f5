import fc from 'fast-check'
import { describe, it } from 'vitest'
import { manifestSchema } from '../../../src/core/language/manifest.ts'
import { readAs } from '../../../src/core/language/read-as.ts'
import { workspaceSchema } from '../../../src/core/language/workspace.ts'
import { resolveMachine, sourceOf } from '../../../src/core/resolve-machine.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { config, described, desiredOf, paths } from '../machines.ts'
import { edits, mutate, survives } from './mutations.ts'

const manifest = `manifest_version: "1.0"
source: {provider: ova, path: web.ova, vm_name: web01}
vm: {cpu: 2, mem_gb: 4, firmware: uefi, secureboot: true, os_version: "12"}
x-defaults: &nic {id: nic1, network: DMZ, vlan: 110}
disks:
  - id: boot
    source_format: vmdk
    bytes: 1073741824
    local_path: web-disk1.vmdk
    checksum: null
nics:
  - {id: nic0, mac: "00:50:56:aa:bb:01", network: VM Network}
  - *nic
network_mapping:
  source_networks:
    VM Network: br0
    DMZ: {bridge: br1, vlan: 110}
pipeline:
  convert: {enabled: true, compress: true, compression: zstd}
notes:
  - |
    one
    two
`
const json = JSON.stringify(
  readAs(manifestSchema, new TextEncoder().encode(manifest.replace('  - *nic\n', '')), 'a.yaml'),
  null,
  2,
)
const workspace =
  'h2k_version: 1\nname: exit\nconnections: {out: {type: files}}\ndefaults: {target: out}\nconcurrency: {disk_io: 3}\n'

function readAndResolve(content: Uint8Array, file: string): void {
  const desired = readAs(manifestSchema, content, file)
  JSON.stringify(desired)
  const source = sourceOf(desired, paths)
  if ('code' in source) return
  for (const given of [undefined, described]) {
    resolveMachine(desiredOf('web', desired, file), source, given, config, paths)
  }
}

describe('whatever is done to a file of the workspace, it is read or refused', () => {
  it.each([
    ['a manifest in YAML', 'web.yaml', manifest],
    ['a manifest in JSON', 'web.json', json],
  ])('%s', (_name, file, text) => {
    fc.assert(
      fc.property(edits, (some) => survives(() => readAndResolve(new TextEncoder().encode(mutate(text, some)), file))),
      { numRuns: fuzzRuns(1500) },
    )
  })

  it('h2k.yaml', () => {
    fc.assert(
      fc.property(edits, (some) => {
        survives(() => readAs(workspaceSchema, new TextEncoder().encode(mutate(workspace, some)), 'h2k.yaml'))
      }),
      { numRuns: fuzzRuns(500) },
    )
  })

  it('bytes that are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('a.yaml', 'a.json'), (content, file) => {
        survives(() => readAndResolve(content, file))
      }),
      { numRuns: fuzzRuns(500) },
    )
  })

  it('values of any shape under every key', () => {
    const keys = [
      'source',
      'vm',
      'disks',
      'nics',
      'network_mapping',
      'pipeline',
      'output',
      'target',
      'notes',
      'warnings',
      'metadata',
    ]
    const value = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (parts) => {
        const text = JSON.stringify({ manifest_version: '1.0', source: { provider: 'local' }, ...parts })
        survives(() => readAndResolve(new TextEncoder().encode(text), 'web.json'))
      }),
      { numRuns: fuzzRuns(1000) },
    )
  })
})
