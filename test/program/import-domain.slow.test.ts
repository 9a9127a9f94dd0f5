import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseDomain } from '../../src/core/domain/parse-domain.ts'
import { contentOf, makeWorkspace, qemuImg, writeRaw } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

interface Wanted {
  readonly name: string
  readonly os?: string
  readonly devices: string
}

const domain = ({ name, os = '', devices }: Wanted) => `<domain type='kvm'>
  <name>${name}</name>
  <memory unit='MiB'>512</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>${os}</os>
  <devices>
    ${devices}
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/></interface>
  </devices>
</domain>
`
const disk = (path: string, format = 'qcow2', dev = 'vda') =>
  `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${path}'/><target dev='${dev}' bus='virtio'/></disk>`
const uefi = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader><nvram>/nvram/vars.fd</nvram>"

function workspaceWith(...machines: Wanted[]): string {
  const files = Object.fromEntries(machines.map((machine) => [`${machine.name}.xml`, domain(machine)]))
  const folder = makeWorkspace(files)
  writeRaw(join(folder, 'data.raw'), 16)
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', join(folder, 'data.raw'), join(folder, 'web01.qcow2'))
  return folder
}

const manifestIn = (folder: string, name: string) => parse(readFileSync(join(folder, `manifests/${name}.yaml`), 'utf8'))

describe('domains of libvirt', () => {
  it('are imported, planned and applied: BIOS and UEFI, qcow2 and raw, by what was moved', async () => {
    const folder = workspaceWith(
      { name: 'web01', os: uefi, devices: disk('/var/lib/libvirt/images/web01.qcow2') },
      {
        name: 'db01',
        devices: `${disk('/srv/data.raw', 'raw')}<disk type='file' device='cdrom'><target dev='sda'/></disk>`,
      },
    )
    writeFileSync(join(folder, 'db01.xml'), readFileSync(join(folder, 'db01.xml'), 'utf8').replace('00:01', '00:02'))
    const moved = ['--moved', '/var/lib/libvirt/images=.', '--moved', '/srv=.']
    const imported = await h2k(folder, ['import', '--libvirt-xml', 'web01.xml', 'db01.xml', '--checksums', ...moved])
    expect(imported.stderr).toContain('machine.db01 info SOURCE_DIFFERS: cdrom sda is not moved along')
    expect(imported.stderr).toContain('machine.web01 warning SOURCE_DIFFERS: the UEFI variables in /nvram/vars.fd')
    expect(imported.exitCode).toBe(0)

    const image = readFileSync(join(folder, 'web01.qcow2'))
    const checksum = `sha256:${createHash('sha256').update(image).digest('hex')}`
    expect(manifestIn(folder, 'web01').disks).toMatchObject([
      { bytes: 16 << 20, local_path: '../web01.qcow2', checksum },
    ])
    expect((await h2k(folder, ['validate'])).exitCode).toBe(0)
    const applied = await h2k(folder, ['apply', '--auto-approve'])
    expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)
    for (const [name, kind] of [
      ['web01', 'uefi'],
      ['db01', 'bios'],
    ]) {
      const written = parseDomain(readFileSync(join(folder, `output/${name}/domain.xml`), 'utf8'), 'domain.xml')
      expect(written.firmware.kind).toBe(kind)
      expect(written.interfaces).toMatchObject([{ type: 'bridge', source: 'br0' }])
      expect(contentOf(join(folder, `output/${name}/vda.qcow2`), 'qcow2')).toBe(
        createHash('sha256')
          .update(readFileSync(join(folder, 'data.raw')))
          .digest('hex'),
      )
    }
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  it('come on standard input, and go to standard output', () => {
    const folder = workspaceWith({ name: 'web01', devices: '' })
    const xml = domain({ name: 'web01', devices: disk(join(folder, 'web01.qcow2')) })
    const args = ['import', '--libvirt-xml', '-', '--out', '-', '--bridge', 'br0=br9']
    const { stdout, status } = spawnSync(resolve('bin/h2k'), args, { cwd: folder, input: xml, encoding: 'utf8' })
    expect(status).toBe(0)
    expect(parse(stdout)).toMatchObject({
      source: { provider: 'libvirt', vm_name: 'web01' },
      disks: [{ local_path: 'web01.qcow2' }],
      network_mapping: { source_networks: { br0: 'br9' } },
    })
  })

  it('are refused with everything that is wrong, each in its file, and do not hide the others', async () => {
    const folder = workspaceWith(
      { name: 'gone', devices: disk('/gone/a.qcow2') },
      { name: 'net', devices: "<disk type='network'><source protocol='nbd'/><target dev='vda'/></disk>" },
      { name: 'other', devices: '' },
      { name: 'good', devices: '' },
    )
    const { exitCode, stdout, stderr } = await h2k(folder, [
      'import',
      '--libvirt-xml',
      'gone.xml',
      'net.xml',
      'good.xml',
    ])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('good.yaml')
    expect(stderr).toMatch(/gone\.xml:7 error SOURCE_MISSING: disk vda: \/gone\/a\.qcow2 is not on this host/)
    expect(stderr).toMatch(/net\.xml:7 error DOMAIN_UNSUPPORTED: disk vda: it is read over the network \(nbd\)/)

    writeFileSync(
      join(folder, 'other.xml'),
      domain({ name: 'other', devices: disk(join(folder, 'data.raw'), 'qcow2') }),
    )
    const wrong = await h2k(folder, ['import', '--libvirt-xml', 'other.xml'])
    expect(wrong.stderr).toMatch(/other\.xml:7 error IMAGE_UNKNOWN: .*data\.raw is no qcow2 image/)
    const bomb = await h2k(folder, ['import', '--libvirt-xml', 'bomb.xml'])
    expect(bomb.stderr).toMatch(/FILE_UNREADABLE: bomb\.xml cannot be read: ENOENT/)
  })

  it('with an image that is elsewhere still, by its size', async () => {
    const folder = workspaceWith({ name: 'later', devices: disk('/gone/a.qcow2') })
    const args = ['import', '--libvirt-xml', 'later.xml', '--disk-size']
    expect((await h2k(folder, [...args, 'vda=20GiB'])).exitCode).toBe(0)
    expect(manifestIn(folder, 'later').disks).toMatchObject([{ bytes: 20 * 2 ** 30, local_path: '/gone/a.qcow2' }])
    expect((await h2k(folder, ['plan'])).stdout).toMatch(/later\.yaml:\d+:\d+ error SOURCE_MISSING/)
    for (const size of ['vda=many', 'vdb=1G', 'vda']) {
      expect((await h2k(folder, [...args, size, '--force'])).stderr).toContain('error USAGE')
    }
    expect((await h2k(folder, [...args, 'vda=1G', '--checksums', '--force'])).stderr).toContain('nothing to hash')
  })

  it.each([
    ['a document type', '<!DOCTYPE domain [<!ENTITY a SYSTEM "file:///etc/passwd">]><domain/>', 'XML_HOSTILE'],
    ['another document', '<network/>', 'DOMAIN_INVALID'],
    ['no XML', 'name: web01', 'XML_INVALID'],
  ])('%s is refused', async (_name, text, code) => {
    const folder = makeWorkspace({ 'bad.xml': text })
    const { exitCode, stderr } = await h2k(folder, ['import', '--libvirt-xml', 'bad.xml'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`error ${code}`)
  })

  it.each([
    [[], 'name one kind of source'],
    [['a.ova', '--libvirt-xml', 'a.xml'], 'name one kind of source'],
    [['--libvirt-xml', 'a.xml', 'b.xml', '--name', 'a'], 'for one machine'],
    [['a.ova', '--skip-disk', 'vda'], 'libvirt-xml'],
  ])('usage: %j', async (args, expected) => {
    const { exitCode, stderr } = await h2k(makeWorkspace({}), ['import', ...args])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(expected)
  })
})
