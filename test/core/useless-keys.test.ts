import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/core/language/manifest.ts'
import { mergeLayers } from '../../src/core/merge.ts'
import { uselessKeys } from '../../src/core/useless-keys.ts'
import { layer } from './layer-texts.ts'

const useless = (...converts: readonly string[]) => {
  const layers = converts.map((convert) => layer(`pipeline: {convert: ${convert}}\n`))
  const manifest = mergeLayers(layers) as unknown as Manifest
  return uselessKeys(manifest, layers, {}).map(({ summary }) => summary)
}

describe('keys that have no effect are named', () => {
  it.each([
    [['{enabled: true, compression: zstd, compress_level: 6}'], ['compression', 'compress_level'], 'compress'],
    [['{enabled: true, compress: false, compression: zstd}'], ['compression'], 'compress'],
    [['{enabled: true, compress: false}', '{compression: zstd}'], ['compression'], 'compress'],
    [['{enabled: false, compress: true, preallocation: full}'], ['compress', 'preallocation'], 'enabled'],
    [['{enabled: false}', '{compress: true}'], ['compress'], 'enabled'],
  ])('%s', (converts, keys, needed) => {
    expect(useless(...converts)).toEqual(
      keys.map((key) => `pipeline.convert.${key} has no effect without ${needed}: true`),
    )
  })
})

describe('but not those that', () => {
  it.each([
    ['have one', ['{enabled: true, compress: true, compression: zstd, compress_level: 6}']],
    ['only say what happens anyway', ['{enabled: false, compress: false, preallocation: "off"}']],
    ['a stronger layer switched off', ['{enabled: true, compress: true, compression: zstd}', '{compress: false}']],
    ['are off with all of it', ['{enabled: true, compress: true, preallocation: full}', '{enabled: false}']],
  ])('%s', (_name, converts) => {
    expect(useless(...converts)).toEqual([])
  })
})

describe('so are those of other maps', () => {
  const connections = { kvm1: { type: 'libvirt' }, shelf: { type: 'files' } } as const
  const told = (...texts: readonly string[]) => {
    const layers = texts.map((text) => layer(text))
    const found = uselessKeys(mergeLayers(layers) as unknown as Manifest, layers, { connections })
    return found.map(({ path, summary }) => `${path.join('.')}: ${summary.replace(/.* has no effect /, '')}`)
  }

  it.each([
    [
      'pipeline: {inspect: {enabled: false, collect_guest_info: true}}',
      'pipeline.inspect.collect_guest_info: without enabled: true',
    ],
    ['pipeline: {fix: {enabled: false, network_mode: dhcp}}', 'pipeline.fix.network_mode: without enabled: true'],
    ['pipeline: {fix: {enabled: false, backup: false}}', 'pipeline.fix.backup: without enabled: true'],
    [
      'pipeline: {fix: {enabled: true, fixer: none, serial_console: true}}',
      'pipeline.fix.serial_console: with fixer: none',
    ],
    ['pipeline: {fix: {enabled: true, fixer: none, virtio_win: win.iso}}', 'pipeline.fix.virtio_win: with fixer: none'],
    [
      'pipeline: {fix: {enabled: true, fixer: virt-v2v, network_mode: dhcp}}',
      'pipeline.fix.network_mode: with fixer: virt-v2v',
    ],
    ['pipeline: {fix: {enabled: true, fixer: virt-v2v, backup: false}}', 'pipeline.fix.backup: with fixer: virt-v2v'],
    ['pipeline: {fix: {enabled: false, boot_phase: sata}}', 'pipeline.fix.boot_phase: without enabled: true'],
    [
      'pipeline: {validate: {enabled: false, compare_source: true}}',
      'pipeline.validate.compare_source: without enabled: true',
    ],
    [
      'pipeline: {validate: {enabled: true, boot_test: {enabled: false, expect: up}}}',
      'pipeline.validate.boot_test.expect: without enabled: true',
    ],
    ['options: {report: {enabled: false, path: r.json}}', 'options.report.path: without enabled: true'],
    ['libvirt_integration: {autostart: true}', 'libvirt_integration.autostart: unless the machine goes to a libvirt'],
    [
      '{target: kvm1, libvirt_integration: {enabled: false, vm_name: a}}',
      'libvirt_integration.vm_name: unless the machine goes to a libvirt',
    ],
    [
      '{target: kvm1, libvirt_integration: {snapshot_name: a}}',
      'libvirt_integration.snapshot_name: without create_snapshot: true',
    ],
    [
      '{target: kvm1, libvirt_integration: {copy_disks: false}}',
      'libvirt_integration.copy_disks: on a machine without a disk in a pool',
    ],
    [
      '{target: kvm1, libvirt_integration: {auto_start: true}, cutover: {on_failure: keep}}',
      'libvirt_integration.auto_start: with a cutover, which starts the machine',
    ],
    [
      'libvirt_integration: {enabled: true, define_domain: false, overwrite_domain: true}',
      'libvirt_integration.overwrite_domain: with define_domain: false',
    ],
  ])('%s', (text, said) => {
    expect(told(text)).toEqual([said])
  })

  it.each([
    ['pipeline: {inspect: {enabled: false, collect_guest_info: true}, fix: {enabled: true}}'],
    ['pipeline: {fix: {enabled: false, backup: true, update_grub: true, fstab_mode: stabilize-all}}'],
    ['{pipeline: {fix: {enabled: false, backup: false}}, configuration: {services: {enable: [a]}}}'],
    ['pipeline: {validate: {enabled: false, boot_test: {enabled: true, expect: up}}}'],
    ['options: {report: {path: r.json}}'],
    ['libvirt_integration: {enabled: false, autostart: false, define_domain: true}'],
    ['{target: kvm1, libvirt_integration: {autostart: true, create_snapshot: true, snapshot_name: a}}'],
    ['{target: kvm1, libvirt_integration: {copy_disks: false}, storage_mapping: {disk_mappings: {boot: fast}}}'],
  ])('but not: %s', (text) => {
    expect(told(text)).toEqual([])
  })

  it('not what a profile says of libvirt for a machine that goes elsewhere', () => {
    expect(told('libvirt_integration: {autostart: true}', 'target: shelf')).toEqual([])
  })
})
