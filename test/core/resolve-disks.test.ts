import { describe, expect, it } from 'vitest'
import { config, described, local, machineOf, ova, resolve } from './machines.ts'

const head = 'source: {provider: local, vm_name: web01}\nvm: {cpu: 1, mem_gb: 1}\n'
const disk = (id: string, rest = '') =>
  `{id: ${id}, source_format: vmdk, bytes: 1048576, local_path: ${id}.vmdk${rest && `, ${rest}`}}`
const withDisks = (disks: readonly string[], rest = '') => `${head}disks: [${disks.join(', ')}]\n${rest}`
const disksOf = (disks: readonly string[], rest = '') => machineOf(withDisks(disks, rest)).disks
const issuesOf = (disks: readonly string[], rest = '') => resolve(withDisks(disks, rest)).issues

describe('boot order', () => {
  const order = (...disks: string[]) => disksOf(disks).map(({ id, bootOrder }) => `${id}${bootOrder}`)
  it.each([
    ['as listed without hints', [disk('a'), disk('b'), disk('c')], ['a1', 'b2', 'c3']],
    [
      'the lowest hint first',
      [disk('a', 'boot_order_hint: 2'), disk('b', 'boot_order_hint: 1'), disk('c', 'boot_order_hint: 0')],
      ['a3', 'b2', 'c1'],
    ],
    ['a hint before none', [disk('a'), disk('b', 'boot_order_hint: 5')], ['a2', 'b1']],
    ['none is 999', [disk('a', 'boot_order_hint: 1000'), disk('b')], ['a2', 'b1']],
    ['a boot disk before others', [disk('a'), disk('b', 'disk_type: boot')], ['a2', 'b1']],
    ['a boot disk before a hint of 0', [disk('a', 'boot_order_hint: 0'), disk('b', 'disk_type: boot')], ['a2', 'b1']],
    [
      'what two hints say, whatever the types',
      [disk('a', 'disk_type: boot, boot_order_hint: 5000'), disk('b', 'boot_order_hint: 1')],
      ['a2', 'b1'],
    ],
  ])('%s', (_name, disks, expected) => {
    expect(order(...disks)).toEqual(expected)
  })
})

describe('names and formats of what is written', () => {
  const written = (disks: readonly string[], rest = '') =>
    disksOf(disks, rest).map(({ to }) => `${to.path} ${to.format}`)
  it.each([
    [
      'the id, in qcow2',
      [disk('a'), disk('b')],
      '',
      ['/ws/output/web01/a.qcow2 qcow2', '/ws/output/web01/b.qcow2 qcow2'],
    ],
    ['the output’s format', [disk('a')], 'output: {format: raw}', ['/ws/output/web01/a.raw raw']],
    [
      'the disk’s own format',
      [disk('a', 'format: vdi'), disk('b')],
      'output: {format: raw}',
      ['/ws/output/web01/a.vdi vdi', '/ws/output/web01/b.raw raw'],
    ],
    [
      'the mapping’s format instead of the output’s, but not of the disk’s own',
      [disk('a', 'format: vdi'), disk('b')],
      'output: {format: qcow2}\nstorage_mapping: {format_override: raw}',
      ['/ws/output/web01/a.vdi vdi', '/ws/output/web01/b.raw raw'],
    ],
    ['a name', [disk('a')], 'output: {filename: web01.img, directory: out}', ['/ws/manifests/out/web01.img qcow2']],
    [
      'the output folder, wherever it goes from there',
      [disk('a', 'target_path: ../vms/a.qcow2')],
      '',
      ['/ws/output/web01/a.qcow2 qcow2'],
    ],
    ['a name that looks like an option', [disk('a')], 'output: {filename: -o}', ['/ws/output/web01/-o qcow2']],
  ])('%s', (_name, disks, rest, expected) => {
    expect(written(disks, rest)).toEqual(expected)
  })

  it('not one of no size', () => {
    expect(issuesOf([disk('a').replace('1048576', '0'), disk('b')], '')).toEqual([
      'VALUE_INVALID disks.0.bytes: disk a: bytes is 0, and no disk is: it is what the guest sees',
    ])
  })

  it.each(['a/b', '../a', '/etc/passwd', '.', '..', 'a\\b', 'a\nb', '\u001b[2J', 'x'.repeat(201), 'é'.repeat(101)])(
    'not the name %j',
    (filename) => {
      expect(issuesOf([disk('a')], `output: {filename: ${JSON.stringify(filename)}}\n`)).toContain(
        'VALUE_INVALID output.filename: output.filename must be a plain name of at most 200 bytes',
      )
    },
  )

  it.each([
    [
      'one name for two disks',
      [disk('a'), disk('b')],
      'output: {filename: a.img}\n',
      'VALUE_INVALID output.filename: output.filename is for a machine with one disk',
    ],
    [
      'a name beside a path',
      [disk('a', 'target_path: /srv/a')],
      'output: {filename: a.img}\n',
      'VALUE_INVALID output.filename: output.filename has no effect: the disk has a target_path',
    ],
    [
      'a control character in a path',
      [disk('a', 'target_path: "/srv/a\\nb"')],
      '',
      'VALUE_INVALID disks.0.target_path: disk a: its path has a control character',
    ],
    [
      'a control character in the folder',
      [disk('a')],
      'output: {directory: "a\\tb"}\n',
      'VALUE_INVALID output: disk a: its path has a control character',
    ],
  ])('not %s', (_name, disks, rest, issue) => {
    expect(issuesOf(disks, rest)).toEqual([issue])
  })
})

describe('buses', () => {
  it('virtio without one, else what git says', () => {
    expect(disksOf([disk('a'), disk('b', 'bus: sata'), disk('c', 'bus: scsi')]).map(({ bus }) => bus)).toEqual([
      'virtio',
      'sata',
      'scsi',
    ])
  })

  const ide = (count: number) => Array.from({ length: count }, (_, index) => disk(`d${index}`, 'bus: ide'))
  const pc = 'vm: {cpu: 1, mem_gb: 1, machine_type: pc}\n'

  it('IDE on an old PC, four disks of it', () => {
    expect(machineOf(withDisks(ide(4)).replace('vm: {cpu: 1, mem_gb: 1}\n', pc)).disks).toHaveLength(4)
    expect(resolve(withDisks(ide(6)).replace('vm: {cpu: 1, mem_gb: 1}\n', pc)).issues).toEqual([
      'VALUE_INVALID disks.4.bus: disk d4: a machine has at most 4 IDE disks',
    ])
  })

  it('no IDE on q35', () => {
    expect(issuesOf([disk('a'), ...ide(2)])).toEqual([
      'VALUE_INVALID disks.1.bus: disk d0: a machine of type q35 has no IDE',
    ])
  })
})

describe('where a disk comes from', () => {
  it('a file beside the manifest, with its digest in lower case', () => {
    const digest = 'AB'.repeat(32)
    expect(disksOf([disk('a', `checksum: "sha256:${digest}", label: Root`)])[0]).toMatchObject({
      from: { path: '/ws/manifests/a.vmdk', format: 'vmdk' },
      checksum: `sha256:${digest.toLowerCase()}`,
      label: 'Root',
    })
    expect(disksOf([disk('a', 'checksum: null')])[0]).not.toHaveProperty('checksum')
  })

  it('a name in the OVA, in git’s order, with git’s words', () => {
    const disks = `disks:
  - {id: data, source_format: vmdk, bytes: 1048576, local_path: web-disk2.vmdk}
  - {id: root, source_format: vmdk, bytes: 1073741824, local_path: web-disk1.vmdk, boot_order_hint: 0}
`
    expect(machineOf(`${ova}${disks}`, described).disks).toMatchObject([
      { id: 'data', from: { path: 'web-disk2.vmdk', format: 'vmdk' }, bootOrder: 2 },
      { id: 'root', from: { path: 'web-disk1.vmdk', format: 'vmdk' }, bootOrder: 1 },
    ])
  })

  it('refuses a name that the OVA does not have', () => {
    const disks = 'disks: [{id: a, source_format: vmdk, bytes: 1, local_path: ../web-disk1.vmdk}]\n'
    expect(resolve(`${ova}${disks}`, described).issues).toEqual([
      'SOURCE_MISSING disks.0.local_path: disk a: the source has no "../web-disk1.vmdk"',
    ])
  })

  it('refuses a machine without any, and two with one id', () => {
    expect(resolve(ova, { ...described, disks: [] }).issues).toEqual(['KEY_MISSING disks: the machine has no disk'])
    expect(issuesOf([disk('a'), disk('a'), disk('b'), disk('b')])).toEqual([
      'NAME_DUPLICATE disks.1.id: two disks have the id "a"',
      'NAME_DUPLICATE disks.3.id: two disks have the id "b"',
    ])
  })
})

it('keeps a raw image raw, whatever its content may be', () => {
  expect(machineOf(local).disks[0]?.from).toEqual({ path: '/ws/manifests/boot.raw', format: 'raw' })
})

describe('the phase before drivers are there', () => {
  const phase = (name: string) => `pipeline: {fix: {enabled: true, boot_phase: ${name}}}\n`
  const disks = [disk('a'), disk('b', 'bus: scsi'), disk('c', 'bus: virtio')]
  const inLibvirt = (rest: string) => {
    const kvm1 = { type: 'libvirt', uri: 'qemu:///system' } as const
    const resolved = resolve(withDisks(disks, `target: kvm1\n${rest}`), undefined, { ...config, connections: { kvm1 } })
    return resolved.machine?.disks.map(({ bus }) => bus) ?? resolved.issues
  }
  it('has on SATA what is going to be on virtio, in a libvirt', () => {
    expect(inLibvirt(phase('sata'))).toEqual(['sata', 'scsi', 'sata'])
    expect(inLibvirt(phase('virtio'))).toEqual(['virtio', 'scsi', 'virtio'])
    expect(issuesOf(disks, phase('sata'))).toMatchObject([
      expect.stringContaining('VALUE_INVALID pipeline.fix.boot_phase'),
    ])
    expect(issuesOf(disks, phase('virtio'))).toBeUndefined()
  })
})
