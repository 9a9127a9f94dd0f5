import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

interface Planned {
  readonly machines: readonly {
    readonly name: string
    readonly action: string
    readonly stages: readonly { readonly stage: string; readonly why: string; readonly detail: readonly string[] }[]
    readonly problems: readonly { readonly code: string }[]
  }[]
}

const libvirt = startLibvirt()

const config = `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${libvirt.uri}", domain_type: qemu}}
defaults: {target: kvm1, network_mapping: {source_networks: {VM Network: br0}}}
`

function workspaceOf(name: string, rest = '', firmware: 'bios' | 'efi' = 'bios') {
  const ova = makeOva(temporaryFolder(), name, [{ mib: 16 }, { mib: 8 }], firmware)
  const folder = makeWorkspace({ 'h2k.yaml': config, [`manifests/${name}.yaml`]: ovaManifest(ova.path, rest) })
  // QEMU runs as somebody else.
  chmodSync(folder, 0o755)
  return {
    folder,
    source: ova.path,
    disk: (index: number) => join(folder, `output/${name}/vmdisk${index}.qcow2`),
    rewrite: (text: string) => writeFileSync(join(folder, `manifests/${name}.yaml`), ovaManifest(ova.path, text)),
  }
}

async function apply(folder: string, ...args: string[]) {
  const ended = await h2k(folder, ['apply', '--auto-approve', ...args])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  return ended
}

async function planned(folder: string) {
  const machine = (await h2k(folder, ['plan', '--json'])).data<Planned>().machines[0]
  return {
    action: machine?.action,
    stages: machine?.stages.map(({ stage, detail }) => `${stage}: ${detail.join(' ')}`),
  }
}

const domains = () => libvirt.virsh('list', '--all', '--name').split('\n').filter(Boolean)
const edit = (name: string, change: (xml: string) => string) => libvirt.define(change(libvirt.xml(name)))
const noop = { action: undefined, stages: undefined }

describe('a machine for libvirt', () => {
  test('is defined with its disks, and a second apply does nothing', async () => {
    const { folder, disk } = workspaceOf('mail', '', 'efi')
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toContain(`libvirt kvm1 (${libvirt.uri}): domain mail`)
    await apply(folder)
    expect(domains()).toContain('mail')
    const xml = libvirt.xml('mail')
    expect(xml).toContain(`<source file='${disk(1)}'/>`)
    expect(xml).toContain('<h2k:workspace>test</h2k:workspace>')
    expect(await planned(folder)).toEqual(noop)
  })

  test('with everything that can be asked of it has it, keeps it when it is defined anew, and takes one snapshot', async () => {
    const all = `vm: {secureboot: true, tpm: true, mem_gb: 0.25}
libvirt_integration: {vm_name: full-one, create_snapshot: true, autostart: true, auto_start: true}
nics: []
`
    const { folder, disk, rewrite } = workspaceOf('full', all, 'efi')
    await apply(folder)
    const uuid = libvirt.virsh('domuuid', 'full-one').trim()
    expect(libvirt.virsh('list', '--autostart', '--name').trim()).toBe('full-one')
    expect(libvirt.virsh('list', '--state-running', '--name').trim()).toBe('full-one')
    expect(libvirt.virsh('snapshot-list', '--name', 'full-one').trim()).toBe('pre-first-boot')
    expect(readdirSync(join(libvirt.folder, 'lib/qemu/nvram'))).toEqual([`${uuid}_VARS.fd`])
    expect(libvirt.virsh('dumpxml', 'full-one')).toContain("<loader readonly='yes' secure='yes' type='pflash'>")
    expect(libvirt.xml('full-one')).toContain(`<source file='${disk(1)}.pre-first-boot'/>`)
    expect(await planned(folder)).toEqual(noop)

    rewrite(all.replace('0.25', '0.5'))
    expect(await planned(folder)).toMatchObject({ action: 'update' })
    await apply(folder)
    expect(libvirt.xml('full-one')).toContain("<memory unit='KiB'>524288</memory>")
    expect(libvirt.xml('full-one')).toContain(`<source file='${disk(1)}.pre-first-boot'/>`)
    expect(libvirt.virsh('snapshot-list', '--name', 'full-one').trim()).toBe('pre-first-boot')
    expect(await planned(folder)).toEqual(noop)

    libvirt.virsh('destroy', 'full-one')
    expect(await planned(folder)).toMatchObject({
      action: 'update',
      stages: [expect.stringContaining('running: true -> false')],
    })
    // Another firmware would start with the variables of this one.
    rewrite(all.replace('secureboot: true', 'secureboot: false').replace('auto_start: true', 'auto_start: false'))
    await apply(folder)
    expect(existsSync(join(libvirt.folder, `lib/qemu/nvram/${uuid}_VARS.fd`))).toBe(false)
    expect(await planned(folder)).toEqual(noop)
  })

  test('with compressed disks is refused by a host that is too old to read them, before anything is copied', async () => {
    const { folder, disk, source } = workspaceOf('small')
    const compressed = ovaManifest(source, '').replace(/(convert: \{[^}]*)\}/, '$1, compress: true}')
    expect(compressed).toContain('compress: true')
    writeFileSync(join(folder, 'manifests/small.yaml'), compressed)
    // Only its number is another one than that of the QEMU that is here.
    const tools = temporaryFolder()
    const older = `/usr/bin/virsh "$@" | sed 's/hypervisor: QEMU .*/hypervisor: QEMU 4.2.1/'`
    const script = `#!/bin/sh\ncase " $* " in *' version '*) ${older} ;; *) exec /usr/bin/virsh "$@" ;; esac\n`
    writeFileSync(join(tools, 'virsh'), script, { mode: 0o755 })
    const refused = await h2k(folder, ['apply', '--auto-approve'], { PATH: `${tools}:${process.env.PATH}` })
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout + refused.stderr).toMatch(/TARGET_UNFIT.* runs QEMU 4\.2\.1, which reads no zstd/)
    expect(existsSync(disk(1))).toBe(false)
    await apply(folder)
    expect(existsSync(disk(1))).toBe(true)
    expect((await h2k(folder, ['destroy', 'machine.small', '--auto-approve'])).exitCode).toBe(0)
  })

  test('boots from SATA first, and is on virtio after that with what it wrote', async () => {
    const { folder, source, disk } = workspaceOf('phases')
    const inPhase = (phase: string) => {
      const fix = `pipeline: {fix: {enabled: true, fixer: none, boot_phase: ${phase}}, `
      writeFileSync(join(folder, 'manifests/phases.yaml'), ovaManifest(source).replace('pipeline: {', fix))
    }
    inPhase('sata')
    expect((await h2k(folder, ['plan'])).stdout).toContain('boot phase 1 of 2: its disks are on SATA; next')
    await apply(folder)
    const buses = () => [...libvirt.xml('phases').matchAll(/<target [^>]*bus='(\w+)'/g)].map(([, bus]) => bus)
    expect(buses()).toEqual(['sata', 'sata'])
    // As the first boot would.
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 0 65536', disk(1)])
    const written = createHash('sha256')
      .update(readFileSync(disk(1)))
      .digest('hex')

    inPhase('virtio')
    const { stdout } = await h2k(folder, ['plan'])
    expect(stdout).toContain('boot phase 2 of 2')
    expect(stdout).toContain('disks.vmdisk1.bus: "sata" -> "virtio"')
    expect(stdout).toContain('Copies nothing.')
    await apply(folder)
    expect(buses()).toEqual(['virtio', 'virtio'])
    expect(
      createHash('sha256')
        .update(readFileSync(disk(1)))
        .digest('hex'),
    ).toBe(written)
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('that gets another name in git is renamed, and keeps its UUID', async () => {
    const { folder, rewrite } = workspaceOf('old-name')
    await apply(folder)
    const uuid = libvirt.virsh('domuuid', 'old-name')
    rewrite('libvirt_integration: {vm_name: new-name}\n')
    await apply(folder)
    expect(libvirt.virsh('domuuid', 'new-name')).toBe(uuid)
    expect(domains()).not.toContain('old-name')
  })

  test('that libvirt is not to define is files with a folder', async () => {
    const { folder } = workspaceOf('files-only', 'libvirt_integration: {define_domain: false}\n')
    await apply(folder)
    expect(domains()).not.toContain('files-only')
    expect(existsSync(join(folder, 'output/files-only/domain.xml'))).toBe(true)
    expect(await planned(folder)).toEqual(noop)
  })
})

describe('a domain that somebody changed', () => {
  const edits: readonly (readonly [string, string, (xml: string) => string])[] = [
    ['memory', 'memoryBytes: 2147483648 -> 1073741824', (xml) => xml.replaceAll('>2097152<', '>1048576<')],
    ['CPUs', 'cpus: 2 -> 4', (xml) => xml.replace('>2</vcpu>', '>4</vcpu>')],
    [
      'CPU mode',
      'cpuMode: "maximum" -> "host-model"',
      (xml) => xml.replace(/<cpu mode=.maximum.[^>]*>/, "<cpu mode='host-model'/>"),
    ],
    ['a disk elsewhere', 'disks.vmdisk1.source:', (xml) => xml.replace('vmdisk1.qcow2', 'other.qcow2')],
    ['the format', 'disks.vmdisk1.format: "qcow2" -> "raw"', (xml) => xml.replace("type='qcow2'", "type='raw'")],
    [
      'a disk less',
      'disks.vmdisk2: ',
      (xml) => xml.replace(/<disk (?:(?!<\/disk>)[\s\S])*vmdisk2[\s\S]*?<\/disk>/, ''),
    ],
    ['no NIC', 'nics.00:50:56:aa:00:01: ', (xml) => xml.replace(/<interface[\s\S]*?<\/interface>/, '')],
    [
      'another MAC',
      'nics.52:54:00:99:99:99: nothing -> ',
      (xml) => xml.replace(/<mac address='[^']*'/, "<mac address='52:54:00:99:99:99'"),
    ],
    [
      'a bus',
      'disks.vmdisk1.bus: "virtio" -> "sata"',
      (xml) =>
        xml.replace(/<target dev='vda' bus='virtio'\/>([\s\S]*?)<address[^>]*>/, "<target dev='sda' bus='sata'/>$1"),
    ],
    ['the order', 'disks.vmdisk1.bootOrder: 1 -> 3', (xml) => xml.replace("<boot order='1'/>", "<boot order='3'/>")],
    ['another bridge', 'source: "br0" -> "br9"', (xml) => xml.replace("bridge='br0'", "bridge='br9'")],
    [
      'a model',
      'model: "virtio" -> "e1000e"',
      (xml) => xml.replace(/(<interface[\s\S]*?)<model type='virtio'/, "$1<model type='e1000e'"),
    ],
    ['the clock', 'clock: "utc" -> "localtime"', (xml) => xml.replace("offset='utc'", "offset='localtime'")],
    [
      'a TPM',
      'tpm: false -> true',
      (xml) =>
        xml.replace('</devices>', "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices>"),
    ],
    [
      'another device',
      'devices.watchdog',
      (xml) => xml.replace('</devices>', "<watchdog model='i6300esb' action='reset'/></devices>"),
    ],
    ['the firmware', 'firmware: "bios" -> "uefi"', (xml) => xml.replace('<os>', "<os firmware='efi'>")],
  ]

  test('is named with what changed, and defined anew without its disks being touched', async () => {
    const { folder, disk } = workspaceOf('web01')
    await apply(folder)
    const before = statSync(disk(1), { bigint: true })
    const as = libvirt.xml('web01')
    for (const [what, told, change] of edits) {
      edit('web01', change)
      const plan = await planned(folder)
      expect(plan, what).toMatchObject({ action: 'update', stages: [expect.stringContaining(told)] })
      libvirt.define(as)
    }
    expect(await planned(folder)).toEqual(noop)
    libvirt.virsh('autostart', 'web01')
    expect(await planned(folder)).toMatchObject({ stages: [expect.stringContaining('autostart: false -> true')] })
    edit('web01', (xml) => xml.replaceAll('>2097152<', '>1048576<'))
    await apply(folder)
    expect(libvirt.xml('web01')).toContain('>2097152<')
    expect(libvirt.virsh('list', '--all', '--autostart', '--name').split('\n')).not.toContain('web01')
    libvirt.virsh('undefine', 'web01')
    expect(await planned(folder)).toMatchObject({ stages: [expect.stringContaining('web01 is missing')] })
    await apply(folder)
    expect(domains()).toContain('web01')
    expect(statSync(disk(1), { bigint: true }).mtimeNs).toBe(before.mtimeNs)
    expect(await planned(folder)).toEqual(noop)
  })

  test('is as it was although libvirt cannot be asked', async () => {
    const { folder } = workspaceOf('quiet')
    await apply(folder)
    libvirt.stop()
    try {
      const plan = await h2k(folder, ['plan', '--json'])
      expect(plan.exitCode).toBe(1)
      expect(plan.data<Planned>().machines[0]).toMatchObject({
        action: 'blocked',
        problems: [{ code: 'TARGET_UNREACHABLE' }],
      })
      expect((await h2k(folder, ['plan', '--no-refresh', '--detailed-exitcode'])).exitCode).toBe(0)
    } finally {
      libvirt.start()
    }
    expect(await planned(folder)).toEqual(noop)
  })
})

describe('a disk that the machine wrote to', () => {
  test('is not converted again by a change of git, and is when somebody asks for it while the machine is off', async () => {
    const { folder, disk, rewrite } = workspaceOf('writer', 'nics: []\n')
    await apply(folder)
    libvirt.virsh('start', 'writer')
    // What a guest does, as far as anyone can see from outside.
    utimesSync(disk(1), new Date(), new Date(Date.now() + 60_000))
    const before = statSync(disk(1), { bigint: true })
    expect(await planned(folder)).toEqual(noop)

    rewrite('nics: []\noutput: {format: raw}\n')
    const plan = await h2k(folder, ['plan', '--json'])
    expect(plan.data<Planned>().machines[0]).toMatchObject({
      action: 'blocked',
      problems: [{ code: 'DISK_WRITTEN' }],
    })
    const redo = ['apply', '--auto-approve', '--redo', 'machine.writer/convert']
    const running = await h2k(folder, redo)
    expect(running.stderr).toContain('TARGET_RUNNING')
    const { ino, mtimeNs } = before
    expect(statSync(disk(1), { bigint: true })).toMatchObject({ ino, mtimeNs })
    expect(libvirt.xml('writer')).toContain(`'${disk(1)}'`)

    libvirt.virsh('destroy', 'writer')
    const ended = await h2k(folder, redo)
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(libvirt.xml('writer')).toContain(`'${disk(1).replace('qcow2', 'raw')}'`)
    expect(await planned(folder)).toEqual(noop)
  })
})

describe('h2k drift', () => {
  interface Drift {
    readonly machines: readonly {
      readonly name: string
      readonly status: string
      readonly findings: readonly { readonly kind: string; readonly status: string; readonly detail?: string }[]
    }[]
  }
  const drift = async (folder: string, ...args: string[]) => {
    const ended = await h2k(folder, ['drift', '--json', '--detailed-exitcode', ...args])
    const machine = ended.data<Drift>().machines[0]
    const told = machine?.findings.filter(({ status }) => status !== 'Synced').map(({ kind, detail }) => [kind, detail])
    return { exitCode: ended.exitCode, status: machine?.status, told }
  }

  test('tells what became of the source, the disks and the domain, and what it cannot see', async () => {
    const { folder, disk, source } = workspaceOf('watched')
    await apply(folder)
    expect(await drift(folder, '--deep')).toEqual({ exitCode: 0, status: 'Synced', told: [] })

    edit('watched', (xml) => xml.replaceAll('>2097152<', '>1048576<'))
    expect(await drift(folder)).toMatchObject({
      exitCode: 2,
      status: 'OutOfSync',
      told: [['domain', expect.stringContaining('memory')]],
    })
    expect((await h2k(folder, ['drift'])).stdout).toMatch(
      /machine\.watched {2}OutOfSync {2}Healthy\n {2}domain watched: changed: memoryBytes/,
    )
    libvirt.virsh('undefine', 'watched')
    expect(await drift(folder)).toMatchObject({ exitCode: 2, status: 'Missing' })
    await apply(folder)

    execFileSync('qemu-img', ['resize', '-q', disk(2), '+1G'])
    expect(await drift(folder)).toMatchObject({
      exitCode: 2,
      told: [['disk', 'has 1082130432 bytes for its guest, recorded 8388608']],
    })
    execFileSync('qemu-img', ['resize', '-q', '--shrink', disk(2), '-1G'])
    expect(await drift(folder)).toMatchObject({ exitCode: 0 })

    // A byte of the second disk, where neither size nor time tells.
    const times = join(folder, 'times')
    execFileSync('touch', ['-r', source, times])
    const content = readFileSync(source)
    const at = content.length - 64 * 1024
    content.writeUInt8(content.readUInt8(at) ^ 1, at)
    writeFileSync(source, content)
    execFileSync('touch', ['-r', times, source])
    expect(await drift(folder)).toMatchObject({ exitCode: 0 })
    expect(await drift(folder, '--deep')).toMatchObject({ told: [['source', 'disk vmdisk2 is not what it was']] })

    appendFileSync(source, 'x')
    expect(await drift(folder)).toMatchObject({ exitCode: 2, told: [['source', expect.stringContaining('bytes')]] })
    rmSync(disk(2))
    expect(await drift(folder)).toMatchObject({
      status: 'Missing',
      told: [
        ['source', expect.anything()],
        ['disk', 'is missing'],
      ],
    })

    libvirt.stop()
    try {
      const unknown = await h2k(folder, ['drift', '--json', '--detailed-exitcode'])
      expect(unknown.exitCode).toBe(1)
      expect(unknown.data<Drift>().machines[0]).toMatchObject({ status: 'Unknown' })
      expect(unknown.stdout).toContain('TARGET_UNREACHABLE')
    } finally {
      libvirt.start()
    }
  })
})

describe('a domain that runs', () => {
  test('and is other than it was defined is out of sync, which no apply repairs and its next start does', async () => {
    const { folder } = workspaceOf('hot', 'nics: []\nvm: {mem_gb: 0.25}\nlibvirt_integration: {auto_start: true}\n')
    await apply(folder)
    const drift = async () => {
      const { exitCode, stdout } = await h2k(folder, ['drift', '--detailed-exitcode'])
      return { exitCode, stdout }
    }
    expect(await drift()).toMatchObject({ exitCode: 0 })
    const stick = join(folder, 'stick.raw')
    writeFileSync(stick, Buffer.alloc(1 << 20))
    libvirt.virsh('attach-disk', 'hot', stick, 'sdz', '--targetbus=usb', '--live')
    const nic = join(folder, 'nic.xml')
    writeFileSync(nic, "<interface type='user'><mac address='52:54:00:00:00:99'/><model type='virtio'/></interface>")
    libvirt.virsh('attach-device', 'hot', nic, '--live')
    libvirt.virsh('suspend', 'hot')
    const plugged = await drift()
    expect(plugged.exitCode).toBe(2)
    expect(plugged.stdout).toMatch(
      /domain hot: runs with: disks\.sdz: nothing -> .*nics\.52:54:00:00:00:99: nothing -> .*paused: false -> true/,
    )
    expect(await planned(folder)).toEqual(noop)
    libvirt.virsh('destroy', 'hot')
    libvirt.virsh('start', 'hot')
    expect(await drift()).toMatchObject({ exitCode: 0 })
    libvirt.virsh('destroy', 'hot')
  })
})

describe('memory and CPUs', () => {
  test('that somebody gave to a domain while it runs, or took, are told', async () => {
    const { folder } = workspaceOf(
      'grown',
      `nics: []
vm: {mem_gb: 0.25}
libvirt_integration: {auto_start: true}
domain_patch:
  - {op: add, path: /, value: "<maxMemory slots='2' unit='MiB'>1024</maxMemory>"}
  - {op: add, path: /cpu, value: "<numa><cell id='0' cpus='0-3' memory='256' unit='MiB'/></numa>"}
  - {op: replace, path: /vcpu, value: "<vcpu current='2'>4</vcpu>"}
`,
    )
    await apply(folder)
    const drift = async () => (await h2k(folder, ['drift', '--detailed-exitcode'])).stdout
    expect(await drift()).toContain('machine.grown  Synced')
    libvirt.virsh('setvcpus', 'grown', '3', '--live')
    expect(await drift()).toContain('domain grown: runs with: cpus: 2 -> 3')
    const module = join(folder, 'module.xml')
    writeFileSync(module, "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>")
    libvirt.virsh('attach-device', 'grown', module, '--live')
    expect(await drift()).toContain('memoryBytes: 268435456 -> 402653184')
    libvirt.virsh('setmem', 'grown', '128M', '--config')
    expect(await drift()).toContain('domain grown: changed: currentMemoryBytes: 268435456 -> 134217728')
    await apply(folder)
    libvirt.virsh('destroy', 'grown')
    libvirt.virsh('start', 'grown')
    expect(await drift()).toContain('machine.grown  Synced')
    libvirt.virsh('destroy', 'grown')
  })
})

describe('one without rights', () => {
  // Root without its way around permissions is anybody.
  const plain = (folder: string, ...args: string[]) => {
    const caps = '-dac_override,-dac_read_search'
    const [program, ...rest] = ['setpriv', `--bounding-set=${caps}`, `--inh-caps=${caps}`, resolve('bin/h2k'), ...args]
    return promisify(execFile)(program, rest, { cwd: folder }).catch(
      (error: { stdout: string; stderr: string }) => error,
    )
  }

  test('on the socket is told what to do, and on the folder of a pool goes by libvirt', async () => {
    const { folder, rewrite } = workspaceOf('plain', 'nics: []\n')
    const socket = join(libvirt.folder, 'run/libvirt-sock')
    chmodSync(socket, 0o700)
    chownSync(socket, 65534, 65534)
    try {
      const plan = await plain(folder, 'plan')
      expect(plan.stdout).toMatch(/plain was planned without a look at its target \(.*Permission denied/)
      const { stderr } = await plain(folder, 'apply', '--auto-approve')
      expect(stderr).toContain('TARGET_UNREACHABLE')
      expect(stderr).toContain('usermod -aG libvirt')
    } finally {
      chownSync(socket, 0, 0)
    }
    const parent = temporaryFolder()
    chmodSync(parent, 0o755)
    const pool = join(parent, 'closed')
    mkdirSync(pool)
    chownSync(pool, 65534, 65534)
    libvirt.virsh('pool-define-as', 'closed', 'dir', '--target', pool)
    libvirt.virsh('pool-start', 'closed')
    rewrite('nics: []\nlibvirt_integration: {import_to_pool: closed}\n')
    const ended = await plain(folder, 'apply', '--auto-approve')
    expect(readdirSync(pool), ended.stdout + ended.stderr).toEqual(['plain-vmdisk1.qcow2', 'plain-vmdisk2.qcow2'])
    expect((await plain(folder, 'plan')).stdout).toContain('No changes.')
    await h2k(folder, ['destroy', 'machine.plain', '--auto-approve'])
    libvirt.virsh('pool-destroy', 'closed')
    libvirt.virsh('pool-undefine', 'closed')
  })
})

describe('what h2k did not make', () => {
  const foreign = (name: string) =>
    `<domain type='qemu'><name>${name}</name><memory>65536</memory><os><type arch='x86_64'>hvm</type></os></domain>`

  test('a domain of the same name is refused before anything is copied, or replaced when git says so', async () => {
    libvirt.define(foreign('taken'))
    const uuid = libvirt.virsh('domuuid', 'taken')
    const { folder, disk, rewrite } = workspaceOf('taken')
    const refused = await h2k(folder, ['apply', '--auto-approve'])
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('TARGET_TAKEN')
    expect((await planned(folder)).action).toBe('blocked')
    expect(existsSync(disk(1))).toBe(false)
    expect(libvirt.virsh('domuuid', 'taken')).toBe(uuid)
    rewrite('libvirt_integration: {overwrite_domain: true}\n')
    await apply(folder)
    expect(libvirt.virsh('domuuid', 'taken')).not.toBe(uuid)
  })

  test('a domain that another state made is refused', async () => {
    const { folder } = workspaceOf('lost')
    await apply(folder)
    const other = workspaceOf('lost')
    const refused = await h2k(other.folder, ['apply', '--auto-approve'])
    expect(refused.stderr).toContain('TARGET_TAKEN')
    expect(refused.stderr).toContain('restore the state')
  })
})

describe('h2k destroy', () => {
  test('leaves nothing of the machine, and everything else byte for byte as it was', async () => {
    const pool = join(libvirt.folder, 'pool')
    mkdirSync(pool)
    libvirt.virsh('pool-define-as', 'shared', 'dir', '--target', pool)
    libvirt.virsh('pool-start', 'shared')
    libvirt.virsh('vol-create-as', 'shared', 'bystander.raw', '1M', '--format=raw')
    libvirt.define(
      `<domain type='qemu'><name>bystander</name><memory>65536</memory>
        <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
        <devices><disk type='volume' device='disk'><source pool='shared' volume='bystander.raw'/><target dev='vda'/></disk></devices>
      </domain>`,
    )
    // UEFI variables are there from the first start on.
    libvirt.virsh('start', 'bystander', '--paused')
    libvirt.virsh('destroy', 'bystander')
    const everything = () => [pool, ...['etc', 'lib'].map((name) => join(libvirt.folder, name))].flatMap(filesUnder)
    const before = everything()
    expect(before.filter((line) => line.includes('bystander'))).toHaveLength(3)

    const { folder, disk } = workspaceOf(
      'gone',
      `nics: []
vm: {tpm: true, mem_gb: 0.25}
libvirt_integration: {import_to_pool: shared, create_snapshot: true, autostart: true, auto_start: true}
`,
      'efi',
    )
    await apply(folder)
    const overlay = join(pool, 'gone-vmdisk1.qcow2.pre-first-boot')
    expect(existsSync(overlay)).toBe(true)
    expect(everything().length).toBeGreaterThan(before.length + 4)
    const refused = await h2k(folder, ['destroy', 'machine.gone', '--auto-approve'])
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stdout + refused.stderr).toContain('the domain gone runs')
    expect(existsSync(overlay)).toBe(true)

    libvirt.virsh('destroy', 'gone')
    const ended = await h2k(folder, ['destroy', 'machine.gone', '--auto-approve'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(everything()).toEqual(before)
    expect(existsSync(disk(1))).toBe(false)
    expect(readdirSync(join(folder, 'output/gone'))).toEqual([])
  })
})

/** Every file under a folder with its rights, its time and what is in it. */
function filesUnder(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const { mode, uid, mtimeMs } = lstatSync(path)
      const content = entry.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : readlinkSync(path)
      return `${path} ${mode.toString(8)} ${uid} ${mtimeMs} ${content}`
    })
    .toSorted()
}
