import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DescribedMachine } from '../../src/core/described.ts'
import { describedManifest, type ImportChoices, manifestYaml } from '../../src/core/described-manifest.ts'
import { manifestSchema } from '../../src/core/language/manifest.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import { resolveMachine, sourceOf } from '../../src/core/resolve-machine.ts'
import { fuzzRuns } from '../support/fuzz-runs.ts'
import { refusal } from '../support/refusal.ts'
import { hostileNames } from './hostile-names.ts'
import { config, described, desiredOf, paths } from './machines.ts'

const choices: ImportChoices = {
  provider: 'ova',
  path: '../images/web.ova',
  name: 'web01',
  bridges: { 'VM Network': 'br0' },
}
const yamlOf = (source: DescribedMachine, chosen: Partial<ImportChoices> = {}) =>
  manifestYaml(describedManifest(source, { ...choices, ...chosen }), {})
const read = (text: string) => readAs(manifestSchema, new TextEncoder().encode(text), 'web.yaml')

function resolved(manifest: ReturnType<typeof read>, source: DescribedMachine) {
  const from = sourceOf(manifest, paths)
  if ('code' in from) throw new Error(from.summary)
  const result = resolveMachine(desiredOf('web01', manifest), from, source, config, paths)
  if ('issues' in result) throw new Error(result.issues.map(({ summary }) => summary).join('; '))
  return result.machine
}

it('writes everything out that the source says', () => {
  expect(yamlOf({ ...described, warnings: ['the floppy drive "A" is left out'] })).toBe(`manifest_version: "1.0"
source:
  provider: ova
  path: ../images/web.ova
  vm_name: web01
vm:
  cpu: 2
  mem_gb: 2
  firmware: bios
  os_hint: debian12_64Guest
disks:
  - id: disk1
    source_format: vmdk
    bytes: 1073741824
    local_path: web-disk1.vmdk
    boot_order_hint: 0
    label: Hard disk 1
  - id: disk2
    source_format: vmdk
    bytes: 1048576
    local_path: web-disk2.vmdk
    boot_order_hint: 1
nics:
  - id: nic0
    network: VM Network
    mac: 00:50:56:aa:bb:01
network_mapping:
  source_networks:
    VM Network: br0
pipeline:
  convert:
    enabled: true
    compress: false
  validate:
    enabled: true
output:
  format: qcow2
warnings:
  - stage: import
    message: the floppy drive "A" is left out
`)
})

it('puts a word above the keys at which a person has to look', () => {
  const text = manifestYaml(describedManifest(described, choices), { vm: 'Guessed.', constructor: 'never' })
  expect(text).toContain('\n# Guessed.\nvm:\n')
  expect(text.match(/#/g)).toHaveLength(1)
})

describe('what nobody knows', () => {
  it('is one CPU, 1 GiB and BIOS', () => {
    expect(
      describedManifest({ disks: described.disks, nics: [], warnings: [] }, { ...choices, provider: 'local' }).vm,
    ).toEqual({ cpu: 1, mem_gb: 1, firmware: 'bios' })
  })

  it.each([
    [
      'a choice wins',
      { cpu: 8, memoryGb: 0.5, firmware: 'uefi' } as const,
      { cpu: 8, mem_gb: 0.5, firmware: 'uefi', secureboot: true, tpm: true },
    ],
    ['BIOS has no secure boot', { firmware: 'bios' } as const, { firmware: 'bios', tpm: true }],
  ])('%s', (_name, chosen, vm) => {
    const source = { ...described, firmware: 'uefi', secureBoot: true, tpm: true } as const
    const written = describedManifest(source, { ...choices, ...chosen }).vm
    expect(written).toMatchObject(vm)
    expect(Object.keys(written ?? {}).includes('secureboot')).toBe('secureboot' in vm)
  })

  it('is libvirt’s default network, for a network without a bridge', () => {
    const nics = ['LAN', 'constructor', ''].map((network, index) => ({ id: `nic${index}`, network }))
    const manifest = describedManifest({ ...described, nics }, { ...choices, bridges: { LAN: 'br1' } })
    expect(manifest.network_mapping?.source_networks).toEqual({ LAN: 'br1', constructor: { network: 'default' } })
    expect(manifest.nics).toEqual([
      { id: 'nic0', network: 'LAN' },
      { id: 'nic1', network: 'constructor' },
      { id: 'nic2' },
    ])
  })
})

describe('a manifest that was written reads back to the same machine', () => {
  const names = hostileNames.filter((name) => name !== '' && name !== '__proto__' && name.isWellFormed())

  it.each(names.map((name) => [JSON.stringify(name).slice(0, 50), name] as const))('of the name %s', (_shown, name) => {
    const source: DescribedMachine = {
      ...described,
      osId: name,
      disks: described.disks.map((disk) => ({ ...disk, label: name })),
      nics: [{ id: 'nic0', network: name }],
      warnings: [name],
    }
    const manifest = read(yamlOf(source, { name, bridges: { [name]: 'br0' } }))
    expect(manifest).toMatchObject({
      source: { vm_name: name },
      warnings: [{ message: name }],
      network_mapping: { source_networks: { [name]: 'br0' } },
    })
    expect(resolved(manifest, source)).toMatchObject({ hardware: { os: name }, nics: [{ sourceNetwork: name }] })
  })

  const text = fc
    .oneof(
      fc.constantFrom(...names),
      fc.string({ minLength: 1 }),
      fc.constantFrom('no', '0777', '1e3', '~', 'null', '- a', 'a: b', '#', '2026-01-01', '0x1f', '=', '<<'),
    )
    // Refused wherever it is a key, as the name of a network is.
    .filter((name) => name !== '__proto__')
  const id = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,20}$/)
  const machine: fc.Arbitrary<DescribedMachine> = fc.record(
    {
      name: text,
      cpu: fc.integer({ min: 1, max: 255 }),
      memoryMib: fc.integer({ min: 64, max: 1 << 24 }),
      firmware: fc.constantFrom('bios', 'uefi'),
      secureBoot: fc.boolean(),
      tpm: fc.boolean(),
      osId: text,
      disks: fc.uniqueArray(
        fc.record({
          id,
          label: text,
          file: text,
          virtualBytes: fc.integer({ min: 1, max: 2 ** 50 }),
          format: fc.constantFrom('vmdk', 'raw', 'vhdx'),
          bus: fc.constantFrom('scsi', 'sata', 'ide', 'nvme'),
        }),
        { minLength: 1, maxLength: 5, selector: (disk) => disk.id },
      ),
      nics: fc
        .array(fc.record({ network: text, model: fc.constantFrom('vmxnet3', 'e1000') }), { maxLength: 4 })
        .map((nics) => nics.map((nic, index) => ({ id: `nic${index}`, mac: `00:50:56:00:00:0${index}`, ...nic }))),
      warnings: fc.array(text, { maxLength: 2 }),
    },
    { requiredKeys: ['cpu', 'memoryMib', 'disks', 'nics', 'warnings'] },
  )

  it('of whatever a source describes', () => {
    fc.assert(
      fc.property(machine, text, (source, name) => {
        const bridges = Object.fromEntries(source.nics.map(({ network }) => [network, 'br0']))
        const manifest = read(yamlOf(source, { name, bridges }))
        const bare = {
          manifest_version: manifest.manifest_version,
          source: manifest.source,
          network_mapping: manifest.network_mapping,
          pipeline: manifest.pipeline,
        }
        expect(resolved(manifest, source)).toEqual(resolved(read(JSON.stringify(bare)), source))
      }),
      { numRuns: fuzzRuns(500) },
    )
  })
})

it('a network called __proto__ is refused with its line, and not lost', () => {
  const nics = [{ id: 'nic0', network: '__proto__' }]
  const [problem] = refusal(() => read(yamlOf({ ...described, nics })))
  expect(problem).toMatchObject({ code: 'KEY_UNKNOWN', summary: 'no key may be called "__proto__"', at: { line: 28 } })
})
