import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  contentOf,
  makeOva,
  makeWorkspace,
  ovaManifest,
  qemuImg,
  temporaryFolder,
  writeRaw,
} from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'
import { change } from '../support/swap-disk.ts'

interface Planned {
  readonly machines: readonly {
    readonly name: string
    readonly action: string
    readonly stages: readonly { readonly stage: string; readonly why: string; readonly detail: readonly string[] }[]
  }[]
}

const stagesThatRan = (events: readonly Record<string, unknown>[]) =>
  events.filter(({ type }) => type === 'stage_done').map(({ stage }) => stage)

describe('an OVA', () => {
  test('becomes disks with the same content, and a second apply does nothing', async () => {
    const ova = makeOva(temporaryFolder(), 'mail-7', [{ mib: 48 }, { mib: 20 }, { mib: 9 }], 'efi')
    const folder = makeWorkspace({ 'manifests/mail.yaml': ovaManifest(ova.path) })

    // The schema beside a tool that cannot say anything itself.
    const tools = temporaryFolder()
    mkdirSync(join(tools, 'bin'))
    writeFileSync(join(tools, 'bin/virt-xml-validate'), '#!/bin/sh\nexit 9\n', { mode: 0o755 })
    symlinkSync('/usr/share', join(tools, 'share'))
    const first = await h2k(folder, ['apply', '--auto-approve'], { PATH: `${tools}/bin:${process.env.PATH}` })
    expect(first.exitCode, first.stdout + first.stderr).toBe(0)
    const output = join(folder, 'output/mail')
    expect(['vmdisk1', 'vmdisk2', 'vmdisk3'].map((id) => contentOf(join(output, `${id}.qcow2`), 'qcow2'))).toEqual(
      ova.contents,
    )
    const xml = readFileSync(join(output, 'domain.xml'), 'utf8')
    expect(xml).toContain('<os firmware="efi">')
    expect(xml).toContain('00:50:56:aa:00:01')
    expect(xml.match(/<disk /g)).toHaveLength(3)

    const shown = (await h2k(folder, ['state', 'show', 'mail'])).stdout
    expect(shown).toContain('info disk_readable vmdisk3: a qcow2 of its own')
    expect(shown).toContain('info domain_schema domain.xml: it fits libvirt’s schema')

    const second = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(second.exitCode).toBe(0)
    expect(stagesThatRan(second.events())).toEqual([])
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test.each([
    ['where its data is', 200_000],
    ['where no reader looks', 8_000],
  ])('whose digest is wrong, damaged %s, is refused, and leaves nothing behind', async (_where, offset) => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const bytes = readFileSync(ova.path)
    const at = bytes.indexOf('KDMV') + offset
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    writeFileSync(ova.path, bytes)
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('web01/convert error CHECKSUM_DIFFERS')
    expect(readdirSync(join(folder, 'output/web01'))).toEqual([])
  })

  test('whose disk is not the one that git names by its checksum is refused', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const disk = `{id: boot, source_format: vmdk, bytes: ${8 << 20}, local_path: web01-disk1.vmdk, checksum: "sha256:${'0'.repeat(64)}"}`
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path, `disks: [${disk}]\n`) })
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('web01-disk1.vmdk is not what the manifest says')
  })

  test('that was only touched is checked again, and not copied again', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    utimesSync(ova.path, new Date(), new Date(Date.now() + 60_000))
    const again = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(again.exitCode, again.stdout).toBe(0)
    expect(stagesThatRan(again.events())).toEqual(['preflight', 'export'])
  })
})

describe('an image whose checksum is in git', () => {
  test('is compared while it is copied, and again when it was written to after that', async () => {
    const image = join(temporaryFolder(), 'disk.raw')
    writeRaw(image, 64, 40)
    const checksum = `sha256:${createHash('sha256').update(readFileSync(image)).digest('hex')}`
    const disk = `{id: boot, source_format: raw, bytes: ${64 << 20}, local_path: ${image}, checksum: "${checksum}"}`
    const manifest = `manifest_version: "1.0"\nsource: {provider: local}\nvm: {cpu: 1, mem_gb: 1}\ndisks: [${disk}]\n`
    const folder = makeWorkspace({ 'manifests/db01.yaml': manifest })
    const first = await h2k(folder, ['apply', '--auto-approve'])
    expect([first.exitCode, first.stderr]).toEqual([0, ''])
    expect((await h2k(folder, ['state', 'show', 'db01'])).stdout).toContain(`checked while it is copied, ${checksum}`)
    const before = contentOf(join(folder, 'output/db01/boot.qcow2'), 'qcow2')

    writeFileSync(join(folder, 'manifests/db01.yaml'), `${manifest}pipeline: {inspect: {enabled: true}}\n`)
    expect((await h2k(folder, ['plan'])).stdout).not.toMatch(/convert|checkedByCopy/)
    writeFileSync(join(folder, 'manifests/db01.yaml'), manifest)

    const sound = readFileSync(image).subarray(1000, 1007)
    change(image, 1000, 'changed')
    const again = await h2k(folder, ['apply', '--auto-approve'])
    expect(again.exitCode).toBe(1)
    expect(again.stderr).toMatch(/db01\/export error CHECKSUM_DIFFERS: .*disk\.raw is not what its manifest says/)
    expect(contentOf(join(folder, 'output/db01/boot.qcow2'), 'qcow2')).toBe(before)

    change(image, 1000, sound)
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    const { mtime } = statSync(image)
    change(image, 1000, 'changed')
    utimesSync(image, mtime, mtime)
    const redone = await h2k(folder, ['apply', '--auto-approve', '--redo', 'machine.db01/convert'])
    expect([redone.exitCode, redone.stderr]).toEqual([1, expect.stringMatching(/db01\/\w+ error CHECKSUM_DIFFERS/)])
    expect(contentOf(join(folder, 'output/db01/boot.qcow2'), 'qcow2')).toBe(before)
  })
})

test('a damaged image that its copy refused is not looked into either', async () => {
  const image = join(temporaryFolder(), 'disk.raw')
  writeRaw(image, 8)
  const disk = `{id: boot, source_format: raw, bytes: ${8 << 20}, local_path: ${image}, checksum: "sha256:${'0'.repeat(64)}"}`
  const manifest = `manifest_version: "1.0"\nsource: {provider: local}\nvm: {cpu: 1, mem_gb: 1}\ndisks: [${disk}]\n`
  const folder = makeWorkspace({ 'manifests/db01.yaml': manifest })
  expect((await h2k(folder, ['apply', '--auto-approve'])).stderr).toContain('db01/convert error CHECKSUM_DIFFERS')
  writeFileSync(join(folder, 'manifests/db01.yaml'), `${manifest}pipeline: {fix: {enabled: true}}\n`)
  const ended = await h2k(folder, ['apply', '--auto-approve'])
  expect([ended.exitCode, ended.stderr]).toEqual([1, expect.stringContaining('db01/inspect error CHECKSUM_DIFFERS')])
})

describe('a change in git', () => {
  const setUp = async () => {
    const images = temporaryFolder()
    writeRaw(join(images, 'a.raw'), 16)
    qemuImg('convert', '-f', 'raw', '-O', 'vmdk', join(images, 'a.raw'), join(images, 'a.vmdk'))
    const manifest = (bridge: string, convert: string) => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: ${16 << 20}, local_path: ${images}/a.vmdk}]
nics: [{id: n0, network: LAN, mac: "00:50:56:aa:00:09"}]
network_mapping: {source_networks: {LAN: ${bridge}}}
pipeline: {convert: {enabled: true, ${convert}}, validate: {enabled: true, compare_source: true}}
`
    const folder = makeWorkspace({ 'manifests/a.yaml': manifest('br0', 'compress: false') })
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    return {
      folder,
      images,
      change: (bridge: string, convert: string) =>
        writeFileSync(join(folder, 'manifests/a.yaml'), manifest(bridge, convert)),
    }
  }

  test('of the network mapping runs publish only, and the plan names the field', async () => {
    const { folder, change } = await setUp()
    change('br1', 'compress: false')
    const plan = (await h2k(folder, ['plan', '--json'])).data<Planned>()
    expect(plan.machines[0]).toMatchObject({ action: 'update', stages: [{ stage: 'publish', why: 'changed' }] })
    expect(plan.machines[0]?.stages[0]?.detail).toEqual(['nics.n0.attach.name: "br0" -> "br1" (manifests/a.yaml:6:37)'])
    const ran = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(stagesThatRan(ran.events())).toEqual(['publish'])
    expect(readFileSync(join(folder, 'output/a/domain.xml'), 'utf8')).toContain('bridge="br1"')
  })

  test('of the compression runs convert and what comes after it', async () => {
    const { folder, change } = await setUp()
    change('br0', 'compress: true, compression: zstd')
    const plan = (await h2k(folder, ['plan', '--json'])).data<Planned>()
    expect(plan.machines[0]?.action).toBe('replace')
    expect(plan.machines[0]?.stages.map(({ stage }) => stage)).toEqual(['convert', 'validate', 'publish'])
    const ran = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(stagesThatRan(ran.events())).toEqual(['convert', 'validate'])
    const info = JSON.parse(qemuImg('info', '--output=json', join(folder, 'output/a/boot.qcow2')))
    expect(info['format-specific'].data['compression-type']).toBe('zstd')
  })

  test('that removes the machine forgets it and leaves its disks', async () => {
    const { folder } = await setUp()
    rmSync(join(folder, 'manifests/a.yaml'))
    const plan = (await h2k(folder, ['plan', '--json'])).data<Planned>()
    expect(plan.machines).toMatchObject([{ name: 'a', action: 'forget' }])
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    expect(existsSync(join(folder, 'output/a/boot.qcow2'))).toBe(true)
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })
})

describe('the world', () => {
  const converted = async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    return { folder, disk: join(folder, 'output/web01/vmdisk1.qcow2') }
  }

  test('without the disk that was made: it is made again', async () => {
    const { folder, disk } = await converted()
    rmSync(disk)
    const plan = (await h2k(folder, ['plan', '--json'])).data<Planned>()
    expect(plan.machines[0]?.stages[0]).toMatchObject({
      stage: 'convert',
      why: 'broken',
      detail: [`${disk} is missing`],
    })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    expect(existsSync(disk)).toBe(true)
    expect((await h2k(folder, ['plan', '--no-refresh', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('with a file of somebody else in the way: it stays as it is', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({
      'manifests/web01.yaml': ovaManifest(ova.path),
      'output/web01/vmdisk1.qcow2': 'precious',
    })
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toMatch(/OUTPUT_NOT_OURS|STATE_LOST/)
    expect(readFileSync(join(folder, 'output/web01/vmdisk1.qcow2'), 'utf8')).toBe('precious')
  })
})

describe('a disk that was made', () => {
  const converted = async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    const disk = join(folder, 'output/web01/vmdisk1.qcow2')
    const apply = async () => {
      const ended = await h2k(folder, ['apply', '--auto-approve', '--json'])
      expect(ended.exitCode, ended.stdout).toBe(0)
      const done = ended.events().find(({ type, stage }) => type === 'stage_done' && stage === 'convert')
      const { disks } = (done?.evidence ?? { disks: [] }) as { disks: { seconds: number }[] }
      return disks[0]?.seconds
    }
    const evidence = async () =>
      (await h2k(folder, ['state', 'show', 'web01', '--json'])).data<{ disks: { seconds: number }[] }>().disks[0]
        ?.seconds
    return { disk, apply, before: await evidence() }
  }

  test('and then touched is read and kept, not copied again', async () => {
    const { disk, apply, before } = await converted()
    utimesSync(disk, new Date(), new Date(Date.now() + 60_000))
    expect(await apply()).toBe(before)
  })

  test('and then damaged is copied again', async () => {
    const { disk, apply, before } = await converted()
    const bytes = readFileSync(disk)
    const sound = Buffer.from(bytes)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100)
    writeFileSync(disk, bytes)
    expect(await apply()).not.toBe(before)
    expect(readFileSync(disk).equals(sound)).toBe(true)
  })
})

describe('redo', () => {
  test('copies again, also from a saved plan; an address that nothing has is refused', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    const inode = () => statSync(join(folder, 'output/web01/vmdisk1.qcow2')).ino
    const first = inode()
    expect((await h2k(folder, ['apply', '--auto-approve', '--redo', 'web01/convert'])).exitCode).toBe(0)
    const second = inode()
    expect(second).not.toBe(first)
    expect((await h2k(folder, ['plan', '--redo', 'web01/convert', '--out', 'r.plan'])).exitCode).toBe(0)
    const applied = await h2k(folder, ['apply', 'r.plan'])
    expect(applied.exitCode, applied.stderr).toBe(0)
    expect(inode()).not.toBe(second)
    expect((await h2k(folder, ['plan', '--redo', 'web02'])).stderr).toContain('ADDRESS_UNKNOWN')
    expect((await h2k(folder, ['plan', '--only', 'web01/convert'])).stderr).toContain('USAGE')
  })
})

describe('a plan file', () => {
  test('never overwrites what is no plan, and a manifest that is a link is not read', async () => {
    const folder = makeWorkspace({ 'manifests/a.yaml': 'x: 1\n' })
    symlinkSync('/etc/passwd', join(folder, 'manifests/b.yaml'))
    const { stderr } = await h2k(folder, ['validate'])
    expect(stderr).toContain('manifests/b.yaml error FILE_UNREADABLE: this is a symbolic link')
    expect(stderr).not.toContain('root:')
    rmSync(join(folder, 'manifests/b.yaml'))
    rmSync(join(folder, 'manifests/a.yaml'))
    writeFileSync(join(folder, 'precious.txt'), 'precious')
    expect((await h2k(folder, ['plan', '--out', 'precious.txt'])).exitCode).toBe(1)
    expect(readFileSync(join(folder, 'precious.txt'), 'utf8')).toBe('precious')
  })
})

describe('one machine that fails', () => {
  test('does not stop the others, and is resumed when its trouble is gone', async () => {
    const images = temporaryFolder()
    const good = makeOva(images, 'good', [{ mib: 8 }])
    const bad = makeOva(images, 'bad', [{ mib: 8 }])
    const whole = readFileSync(bad.path)
    appendFileSync(bad.path, 'x')
    const broken = Buffer.from(whole)
    broken.writeUInt8(broken.readUInt8(broken.length - 20_000) ^ 1, broken.length - 20_000)
    writeFileSync(bad.path, broken)
    const folder = makeWorkspace({
      'manifests/good.yaml': ovaManifest(good.path),
      'manifests/bad.yaml': ovaManifest(bad.path).replace('00:01', '00:02'),
      'h2k.yaml': 'h2k_version: 1\nname: test\n',
    })
    writeFileSync(join(folder, 'manifests/bad.yaml'), ovaManifest(bad.path, 'nics: []\n'))
    const first = await h2k(folder, ['apply', '--auto-approve'])
    expect(first.exitCode, first.stdout + first.stderr).toBe(3)
    expect(existsSync(join(folder, 'output/good/domain.xml'))).toBe(true)
    writeFileSync(bad.path, whole)
    const plan = (await h2k(folder, ['plan', '--json'])).data<Planned>()
    expect(plan.machines).toMatchObject([{ name: 'bad', action: 'resume' }])
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  })
})

describe('a saved plan', () => {
  const setUp = async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    expect((await h2k(folder, ['plan', '-out', 'p.h2kplan'])).exitCode).toBe(0)
    return { folder, ova }
  }

  test('is applied once', async () => {
    const { folder } = await setUp()
    const first = await h2k(folder, ['apply', 'p.h2kplan'])
    expect(first.exitCode, first.stdout + first.stderr).toBe(0)
    const second = await h2k(folder, ['apply', 'p.h2kplan'])
    expect(second.exitCode).toBe(4)
    expect(second.stderr).toContain('PLAN_USED')
    expect((await h2k(folder, ['show', 'p.h2kplan'])).stdout).toContain('was applied by')
  })

  test('is refused when the manifest, the source or the file itself changed since', async () => {
    const { folder, ova } = await setUp()
    const stale = async (reason: string) => {
      const ended = await h2k(folder, ['apply', 'p.h2kplan'])
      expect(ended.exitCode, ended.stdout).toBe(4)
      expect(ended.stderr).toContain(reason)
    }
    const manifest = readFileSync(join(folder, 'manifests/web01.yaml'), 'utf8')
    writeFileSync(join(folder, 'manifests/web01.yaml'), manifest.replace('br0', 'br7'))
    await stale('manifests/web01.yaml')
    writeFileSync(join(folder, 'manifests/web01.yaml'), manifest)
    utimesSync(ova.path, new Date(), new Date(Date.now() + 60_000))
    await stale('its source')
    const plan = readFileSync(join(folder, 'p.h2kplan'), 'utf8')
    writeFileSync(join(folder, 'p.h2kplan'), plan.replace('br0', 'br9'))
    await stale('PLAN_ALTERED')
    expect(existsSync(join(folder, 'output'))).toBe(false)
  })

  test('is the same, byte for byte, when it is made twice', async () => {
    const { folder } = await setUp()
    await h2k(folder, ['plan', '--out', 'q.h2kplan'])
    expect(readFileSync(join(folder, 'q.h2kplan'), 'utf8')).toBe(readFileSync(join(folder, 'p.h2kplan'), 'utf8'))
  })
})

describe('at the same time', () => {
  // zlib at its level 6 needs a few seconds for so much: time enough to get in its way.
  const slowDisk = async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 96, dataMib: 80 }])
    const manifest = ovaManifest(ova.path).replace(
      'convert: {enabled: true}',
      'convert: {enabled: true, compress: true, compression: zlib}',
    )
    return makeWorkspace({ 'manifests/web01.yaml': manifest })
  }
  const converting = async (folder: string) => {
    const running = start(folder, ['apply', '--auto-approve'])
    await new Promise<void>((settle) => {
      running.child.stdout?.on('data', (text: string) => {
        if (text.includes('convert: started')) settle()
      })
      running.ended.then(() => settle())
    })
    return running
  }

  test('a second apply exits 5 and names the first', async () => {
    const folder = await slowDisk()
    const { child, ended } = await converting(folder)
    const second = await h2k(folder, ['apply', '--auto-approve'])
    expect(second.exitCode, second.stdout + second.stderr).toBe(5)
    expect(second.stderr).toContain(String(child.pid))
    expect((await ended).exitCode).toBe(0)
  })

  test('SIGINT stops cleanly with 130, without a partial file, and the next apply goes on', async () => {
    const folder = await slowDisk()
    const { child, ended } = await converting(folder)
    child.kill('SIGINT')
    const interrupted = await ended
    expect(interrupted.exitCode, interrupted.stdout + interrupted.stderr).toBe(130)
    expect(interrupted.stdout).toContain('goes on with machine.web01')
    expect((await h2k(folder, ['status'])).stdout).toContain('with 130')
    expect(existsSync(join(folder, 'output/web01/.vmdisk1.qcow2.h2k-part'))).toBe(false)
    expect((await h2k(folder, ['plan'])).stdout).toContain('will be resumed')
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  })

  test('SIGTERM twice ends at once with 143 and takes the copy with it', async () => {
    const folder = await slowDisk()
    const { child, ended } = await converting(folder)
    child.kill('SIGTERM')
    child.kill('SIGTERM')
    expect((await ended).exitCode).toBe(143)
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  })
})

describe('status', () => {
  test('tells a run that goes on from one that was killed', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: 'convert:in-effect:kill' })
    const { stdout } = await h2k(folder, ['status'])
    expect(stdout).toContain('gone, the next apply takes over: apply by')
    expect(stdout).toContain('1 x convert started')
    await h2k(folder, ['apply', '--auto-approve'])
    expect((await h2k(folder, ['status'])).stdout).toMatch(
      /^nothing runs\nlatest run: .* with 0\n {2}1 x publish done\n$/,
    )
  })
})

describe('another checkout of the workspace', () => {
  test('finds what was done: only the paths in domain.xml are new', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 8 }])
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path) })
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    const elsewhere = join(temporaryFolder(), 'moved')
    execFileSync('cp', ['-a', folder, elsewhere])
    const plan = (await h2k(elsewhere, ['plan', '--json'])).data<Planned>()
    expect(plan.machines[0]?.stages.map(({ stage }) => stage)).toEqual(['publish'])
    expect((await h2k(elsewhere, ['apply', '--auto-approve'])).exitCode).toBe(0)
    expect(readFileSync(join(elsewhere, 'output/web01/domain.xml'), 'utf8')).toContain(elsewhere)
  })
})
