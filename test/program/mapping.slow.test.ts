import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { contentOf, makeWorkspace, qemuImg, writeRaw } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

interface Planned {
  readonly machines: readonly {
    readonly action: string
    readonly stages: readonly {
      readonly stage: string
      readonly why: string
      readonly does: string
      readonly detail: readonly string[]
    }[]
  }[]
  readonly space: readonly { readonly path: string; readonly needed_bytes: number }[]
}

const manifest = (rest: string) => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks:
  - {id: boot, source_format: raw, bytes: ${16 << 20}, local_path: ../a.raw}
  - {id: data, source_format: raw, bytes: ${8 << 20}, local_path: ../b.raw, datastore: slow}
${rest}`

function machine(rest: string) {
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(rest) })
  writeRaw(join(folder, 'a.raw'), 16)
  writeRaw(join(folder, 'b.raw'), 8, 2, 7)
  const ran = (events: readonly Record<string, unknown>[]) =>
    events.filter(({ type }) => type === 'stage_done').map(({ stage }) => stage)
  return {
    folder,
    at: (name: string) => join(folder, name),
    change: (text: string) => writeFileSync(join(folder, 'manifests/web01.yaml'), manifest(text)),
    plan: async () => (await h2k(folder, ['plan', '--json'])).data<Planned>(),
    apply: async () => {
      const ended = await h2k(folder, ['apply', '--auto-approve', '--json'])
      expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
      expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
      return ran(ended.events())
    },
    xml: () => readFileSync(join(folder, 'output/web01/domain.xml'), 'utf8'),
  }
}

const elsewhere = () => {
  const folder = mkdtempSync('/dev/shm/h2k-mapping-')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const twoFileSystems = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev

describe('a storage mapping', () => {
  test('moves disks, by their id or datastore, and a change of it runs publish only', async () => {
    const { at, apply, change, plan, xml } = machine(
      'storage_mapping: {disk_mappings: {boot: ../fast, slow: ../slow}}\n',
    )
    const { machines } = await plan()
    expect(machines[0]?.stages.at(-1)?.does).toContain('boot -> fast/web01-boot.qcow2\ndata -> slow/web01-data.qcow2')
    await apply()
    expect(readdirSync(at('output/web01'))).toEqual(['domain.xml'])
    expect(xml()).toContain(at('fast/web01-boot.qcow2'))
    const content = contentOf(at('slow/web01-data.qcow2'), 'qcow2')
    const { ino } = statSync(at('slow/web01-data.qcow2'))

    change('storage_mapping: {disk_mappings: {boot: ../fast, slow: ../new}}\n')
    const { machines: changed } = await plan()
    expect(changed[0]).toMatchObject({ action: 'update', stages: [{ stage: 'publish', why: 'changed' }] })
    expect(changed[0]?.stages[0]?.detail).toEqual([
      'disks.data.place.path: "slow/web01-data.qcow2" -> "new/web01-data.qcow2" (manifests/web01.yaml:7:50)',
    ])
    expect(await apply()).toEqual(['publish'])
    expect(contentOf(at('new/web01-data.qcow2'), 'qcow2')).toBe(content)
    expect(statSync(at('new/web01-data.qcow2')).ino).toBe(ino)
    expect(existsSync(at('slow/web01-data.qcow2'))).toBe(false)
    expect(xml()).toContain(at('new/web01-data.qcow2'))

    change('')
    expect(await apply()).toEqual(['publish'])
    expect(readdirSync(at('output/web01')).toSorted()).toEqual(['boot.qcow2', 'data.qcow2', 'domain.xml'])
  })

  test('is found by a validation that is asked for later, and by a conversion that is done again', async () => {
    const place = 'storage_mapping: {disk_mappings: {boot: ../vms}}\n'
    const { at, apply, change, plan } = machine(place)
    await apply()
    change(`${place}pipeline: {validate: {enabled: true, compare_source: true}}\n`)
    expect(await apply()).toEqual(['validate'])

    utimesSync(at('vms/web01-boot.qcow2'), new Date(), new Date(Date.now() + 60_000))
    const touched = (await plan()).machines[0]?.stages[0]
    expect(touched).toMatchObject({ stage: 'convert', detail: [`${at('vms/web01-boot.qcow2')} changed`] })
    const { ino } = statSync(at('vms/web01-boot.qcow2'))
    expect(await apply()).toEqual(['convert'])
    expect(statSync(at('vms/web01-boot.qcow2')).ino).toBe(ino)

    rmSync(at('vms/web01-boot.qcow2'))
    expect(await apply()).toContain('publish')
    expect(readdirSync(at('vms'))).toEqual(['web01-boot.qcow2'])

    change(`${place}pipeline: {convert: {enabled: true, compress: true}}\n`)
    expect(await apply()).toEqual(['convert', 'publish'])
    expect(readdirSync(at('vms'))).toEqual(['web01-boot.qcow2'])
    expect(readdirSync(at('output/web01')).toSorted()).toEqual(['data.qcow2', 'domain.xml'])

    const redone = await h2k(at(''), ['apply', '--auto-approve', '--redo', 'web01/convert'])
    expect(redone.exitCode, redone.stdout + redone.stderr).toBe(0)
    expect(readdirSync(at('output/web01')).toSorted()).toEqual(['data.qcow2', 'domain.xml'])
  })

  test('says how disks are written: another format or provisioning converts them again', async () => {
    const { at, apply, change, plan } = machine('')
    await apply()
    const allocated = (name: string) => statSync(at(`output/web01/${name}`)).blocks * 512
    expect(allocated('boot.qcow2')).toBeLessThan(8 << 20)
    change('storage_mapping: {provisioning: thick}\n')
    const { machines, space } = await plan()
    expect(machines[0]?.stages[0]).toMatchObject({
      stage: 'convert',
      detail: ['conversion.preallocation: "off" -> "falloc" (manifests/web01.yaml:7:19)'],
    })
    expect(space).toMatchObject([{ needed_bytes: 24 << 20 }])
    // A guest must not make it thin again: what it trims is ignored from now on.
    expect(await apply()).toEqual(['convert', 'publish'])
    expect(allocated('boot.qcow2')).toBeGreaterThanOrEqual(16 << 20)
    change('storage_mapping: {provisioning: thick, format_override: raw}\n')
    expect(await apply()).toEqual(['preflight', 'convert', 'publish'])
    expect(allocated('boot.raw')).toBeGreaterThanOrEqual(16 << 20)
  })

  test('limits disks and NICs, and the plan says where that stands', async () => {
    const { at, apply, change, plan, xml } = machine('storage_mapping: {$ref: ../mappings/storage.yaml}\n')
    const mapping = (iops: number) => {
      mkdirSync(at('mappings'), { recursive: true })
      writeFileSync(at('mappings/storage.yaml'), `# for all\ndisk_limits:\n  iops: ${iops}\ncache: none\n`)
    }
    mapping(500)
    await apply()
    expect(xml().match(/<total_iops_sec>500</g)).toHaveLength(2)
    mapping(800)
    const [publish] = (await plan()).machines[0]?.stages ?? []
    expect(publish).toMatchObject({
      stage: 'publish',
      detail: [
        'disks.boot.limits.iops: 500 -> 800 (mappings/storage.yaml:3:3)',
        'disks.data.limits.iops: 500 -> 800 (mappings/storage.yaml:3:3)',
      ],
    })
    expect(await apply()).toEqual(['publish'])
    change('network_limits: {average_kib: 5}\nnics: [{id: n, network: LAN}]\nnetwork_mapping: {default_bridge: br0}\n')
    expect(await apply()).toEqual(['publish'])
    expect(xml()).toContain('<outbound average="5"/>')
    expect(xml()).not.toContain('iotune')
  })

  test('goes along with patches of the domain, which run publish only and are refused where they do not fit', async () => {
    const { folder, apply, change, plan, xml } = machine('')
    await apply()
    change('domain_patch: [{op: replace, path: /devices/video/model/@type, value: virtio}]\n')
    expect(await apply()).toEqual(['publish'])
    expect(xml()).toContain('<model type="virtio"/>')
    change('domain_patch: [{op: replace, path: /devices/video/model/@type, value: qxl}]\n')
    expect((await plan()).machines[0]?.stages[0]?.detail).toEqual([
      'patches.0.value: "virtio" -> "qxl" (manifests/web01.yaml:7:64)',
    ])
    change('domain_patch: [{op: remove, path: /devices/sund}]\n')
    const { stdout, stderr } = await h2k(folder, ['plan'])
    expect(stdout + stderr).toContain(
      'manifests/web01.yaml:7:29 error VALUE_INVALID: machine.web01: there is no element /devices/sund',
    )
  })

  test('into a place that somebody else has is refused when it is planned', async () => {
    const { folder, at, apply, change } = machine('')
    await apply()
    writeFileSync(at('web01-boot.qcow2'), 'precious')
    change('storage_mapping: {disk_mappings: {boot: ../}}\n')
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr + ended.stdout).toContain('web01-boot.qcow2 exists, and the state does not know it')
    expect(readFileSync(at('web01-boot.qcow2'), 'utf8')).toBe('precious')
  })

  test('with two disks in one file is refused, also when only the case differs', async () => {
    const { folder } = machine('')
    const twice =
      'disks:\n' +
      ['x', 'X']
        .map((name, index) => {
          return `  - {id: d${index}, source_format: raw, bytes: ${16 << 20}, local_path: ../a.raw, target_path: /srv/${name}}\n`
        })
        .join('')
    writeFileSync(join(folder, 'manifests/web01.yaml'), manifest('').replace(/disks:[\s\S]*$/, twice))
    const { stdout, stderr } = await h2k(folder, ['plan'])
    expect(stdout + stderr).toContain('OUTPUT_COLLISION: machine.web01: /srv/X is used twice by this machine')
  })
})

describe.skipIf(!twoFileSystems)('a directory on another file system', () => {
  test('gets a copy that is checked, is in the space budget, and is left again', async () => {
    const far = elsewhere()
    const { at, apply, change, plan } = machine(`storage_mapping: {disk_mappings: {boot: ${far}/}}\n`)
    const { space } = await plan()
    expect(space.map(({ path }) => path).toSorted()).toEqual([far, 'output'].toSorted())
    await apply()
    expect(readdirSync(far)).toEqual(['web01-boot.qcow2'])
    expect(readdirSync(at('output/web01')).toSorted()).toEqual(['data.qcow2', 'domain.xml'])
    qemuImg('check', join(far, 'web01-boot.qcow2'))
    change('')
    expect((await plan()).space).toHaveLength(1)
    expect(await apply()).toEqual(['publish'])
    expect(readdirSync(far)).toEqual([])
  })
})
