import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { streamOptimized } from '../adapters/image-header/esxi-vmdk.ts'
import { fileOf, makeLinuxDisk } from '../support/linux-disk.ts'
import { contentOf, makeOva, makeWorkspace, qemuImg, temporaryFolder, writeRaw } from '../support/machines.ts'
import { h2k, start, until } from '../support/program.ts'
import { expectSkipped, makeSwapDisk } from '../support/swap-disk.ts'
import { serveFolder, type WebServer } from '../support/web-server.ts'

const mib = 2 ** 20

interface World {
  readonly images: string
  readonly server: WebServer
  /** The workspace. */
  readonly folder: string
}

/** A server for `images`, and a workspace that knows it. */
async function worldOf(images: string, manifest: (address: string) => string, connection = ''): Promise<World> {
  const server = await serveFolder(images)
  onTestFinished(() => server.close())
  const folder = makeWorkspace({
    'h2k.yaml': `h2k_version: 1
name: test
connections:
  images: {type: https, url: ${server.address}/, ca_file: ${server.caFile}${connection}}
`,
    'manifests/web01.yaml': manifest(server.address),
  })
  return { images, server, folder }
}

const ofOva = (address: string, rest = '') => `manifest_version: "1.0"
source: {provider: ova, path: ${address}/web01.ova}
network_mapping: {source_networks: {VM Network: br0}}
pipeline: {convert: {enabled: true}, validate: {enabled: true}}
${rest}`

const ofDisk = (address: string, file: string, format: string, bytes: number, rest = '') => `manifest_version: "1.0"
source: {provider: local, vm_name: web01}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: disk1, source_format: ${format}, bytes: ${bytes}, local_path: ${address}/${file}${rest}}]
`

async function applied(folder: string, env: Record<string, string> = {}) {
  const run = await h2k(folder, ['apply', '--auto-approve'], env)
  expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  return run.stdout
}

const work = (folder: string) =>
  globSync('.h2k/work/guests/**/*', { cwd: folder }).filter((path) => /\.\w+$/.test(path))

/** What the machine's engine was. */
const engineOf = async (folder: string) => (await h2k(folder, ['state', 'show', 'machine.web01'])).stdout

describe('an OVA on a web server', () => {
  test('is copied while it arrives, disk by disk, and is done once', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 80, dataMib: 20 }, { mib: 40 }])
    const { folder, server } = await worldOf(images, ofOva)
    const plan = await h2k(folder, ['plan'])
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
    expect(plan.stdout).toContain('vmdisk1 is copied while it arrives: a copy that is stopped begins anew')
    server.requests.length = 0
    await applied(folder)
    const disks = [1, 2].map((number) => join(folder, `output/web01/vmdisk${number}.qcow2`))
    expect(disks.map((disk) => contentOf(disk, 'qcow2'))).toEqual(ova.contents)
    expect(await engineOf(folder)).toContain('while it arrived')
    expect(work(folder)).toEqual([])
    const again = await h2k(folder, ['plan', '--detailed-exitcode'])
    expect(again.exitCode, again.stdout).toBe(0)
    expect((await h2k(folder, ['drift', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('is copied while it arrives over a connection that breaks', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 80, dataMib: 40 }])
    const { folder, server } = await worldOf(images, ofOva)
    server.behaviour.breakAfter = { bytes: 12 * mib, times: 2 }
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
    expect(server.behaviour.breakAfter.times).toBe(0)
    expect(await engineOf(folder)).toContain('while it arrived')
  })

  test('is fetched where something reads all of it, and that is gone afterwards', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 40 }])
    const { folder } = await worldOf(images, (address) =>
      ofOva(address).replace('validate: {enabled: true}', 'validate: {enabled: true, compare_source: true}'),
    )
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toMatch(/vmdisk1 is fetched first, [\d.]+ MiB of work space: validate compares with it/)
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
    expect(work(folder)).toEqual([])
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('is fetched again when the work folder is gone in the middle of a run', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 40 }])
    const { folder } = await worldOf(images, (address) =>
      ofOva(address).replace('validate: {enabled: true}', 'validate: {enabled: true, compare_source: true}'),
    )
    const killed = await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: 'convert:in-effect:kill' })
    expect(killed.signal).toBe('SIGKILL')
    expect(work(folder)).not.toEqual([])
    rmSync(join(folder, '.h2k/work'), { recursive: true })
    expect((await h2k(folder, ['plan'])).stdout).toMatch(/export .*\n.*fetched first/)
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
    expect(work(folder)).toEqual([])
  })

  test('has its manifest written by import, as the workspace knows the server', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 40 }])
    const { folder, server } = await worldOf(images, ofOva)
    const imported = await h2k(folder, [
      'import',
      `${server.address}/web01.ova`,
      '--force',
      '--bridge',
      'VM Network=br0',
    ])
    expect(imported.exitCode, imported.stderr).toBe(0)
    expect(readFileSync(join(folder, 'manifests/web01.yaml'), 'utf8')).toContain(`path: ${server.address}/web01.ova`)
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
  })

  test('with another disk than its manifest says is refused, and nothing is left', async () => {
    const images = temporaryFolder()
    const { path } = makeOva(images, 'web01', [{ mib: 40 }])
    const bytes = readFileSync(path)
    // Nothing but the digest tells.
    bytes.write('CID=0badcafe', bytes.indexOf('CID='))
    writeFileSync(path, bytes)
    const { folder } = await worldOf(images, ofOva)
    const run = await h2k(folder, ['apply', '--auto-approve'])
    expect(run.exitCode).toBe(1)
    expect(run.stderr + run.stdout).toMatch(/CHECKSUM_DIFFERS/)
    expect(globSync('output/web01/{*,.*}', { cwd: folder })).toEqual([])
  })

  test('that changed since the plan was made is told by plan, by drift, and by a saved plan', async () => {
    const images = temporaryFolder()
    const { path } = makeOva(images, 'web01', [{ mib: 40 }])
    const { folder } = await worldOf(images, ofOva)
    await h2k(folder, ['plan', '--out', 'saved.plan'])
    utimesSync(path, new Date(), new Date(Date.now() + 5000))
    const stale = await h2k(folder, ['apply', 'saved.plan'])
    expect(stale.exitCode).toBe(4)
    expect(stale.stderr + stale.stdout).toMatch(/PLAN_STALE.*\n?.*web01\.ova changed since/)
    await applied(folder)
    utimesSync(path, new Date(), new Date(Date.now() + 10_000))
    const drift = await h2k(folder, ['drift', '--detailed-exitcode'])
    expect(drift.exitCode).toBe(2)
    expect(drift.stdout).toMatch(/web01\.ova/)
  })

  test('is fetched by a server that knows who asks, by the secret of its connection alone', async () => {
    const images = temporaryFolder()
    makeOva(images, 'web01', [{ mib: 40 }])
    const { folder, server } = await worldOf(images, ofOva, ', token_env: IMAGES_TOKEN')
    server.behaviour.authorization = 'Bearer s3cret-word'
    const without = await h2k(folder, ['plan'])
    expect(without.stderr + without.stdout).toMatch(/SOURCE_UNREADABLE.*IMAGES_TOKEN is not set/)
    const wrong = await h2k(folder, ['plan'], { IMAGES_TOKEN: 'wr0ng-word' })
    expect(wrong.stderr + wrong.stdout).toMatch(/status 401[\s\S]*connection "images"/)
    expect(wrong.stderr + wrong.stdout).not.toContain('wr0ng-word')
    await applied(folder, { IMAGES_TOKEN: 's3cret-word' })
    const kept = globSync('{.h2k,output}/**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
    const holding = kept.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes('s3cret-word'))
    expect(holding.map(({ name }) => name)).toEqual([])
  })
})

describe('an OVF on a web server', () => {
  test('is read with the disks and the digests beside it', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 40 }])
    const { execFileSync } = await import('node:child_process')
    execFileSync('tar', ['-C', images, '-xf', ova.path])
    const { folder } = await worldOf(images, (address) =>
      ofOva(address).replace('provider: ova', 'provider: ovf').replace('.ova', '.ovf'),
    )
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/vmdisk1.qcow2'), 'qcow2')).toBe(ova.contents[0])
    writeFileSync(join(images, 'web01-disk1.vmdk'), 'something else')
    const changed = await h2k(folder, ['plan'])
    expect(changed.stdout).toMatch(/files\.1\.bytes: \d+ -> 14/)
  })
})

describe('an image on a web server', () => {
  test('of another kind is fetched first, with its checksum', async () => {
    const images = temporaryFolder()
    writeRaw(join(images, 'disk.raw'), 40)
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', join(images, 'disk.raw'), join(images, 'disk.qcow2'))
    const sum = createHash('sha256')
      .update(readFileSync(join(images, 'disk.qcow2')))
      .digest('hex')
    const { folder, server } = await worldOf(images, (address) =>
      ofDisk(address, 'disk.qcow2', 'qcow2', 40 * mib, `, checksum: "sha256:${sum}"`),
    )
    server.behaviour.breakAfter = { bytes: 3 * mib, times: 2 }
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toContain('disk1 is fetched first')
    expect(plan.stdout).toContain('it is qcow2')
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/disk1.qcow2'), 'qcow2')).toBe(
      contentOf(join(images, 'disk.raw'), 'raw'),
    )
    expect(work(folder)).toEqual([])
  })

  test('whose guest is repaired is fetched, repaired over what was fetched, and copied', async () => {
    const images = temporaryFolder()
    makeLinuxDisk(join(images, 'web01.vmdk'))
    const { folder } = await worldOf(
      images,
      (address) => `${ofDisk(address, 'web01.vmdk', 'vmdk', 64 * mib)}pipeline: {fix: {enabled: true}}\n`,
    )
    expect((await h2k(folder, ['plan'])).stdout).toMatch(/disk1 is fetched first, .*: the guest is repaired/)
    const killed = await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: 'fix:after-done:kill' })
    expect(killed.signal).toBe('SIGKILL')
    for (const path of work(folder).filter((name) => name.endsWith('.vmdk'))) rmSync(join(folder, path))
    await applied(folder)
    expect(fileOf(join(folder, 'output/web01/disk1.qcow2'), '/etc/fstab')).toMatch(/^UUID=/m)
    expect(work(folder)).toEqual([])
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('whose header tells of a directory behind the grains is fetched first', async () => {
    const images = temporaryFolder()
    const image = streamOptimized(text)
    image.copy(image, 56, image.length - 2 * sector + 56, image.length - 2 * sector + 64)
    writeFileSync(join(images, 'disk.vmdk'), image)
    const { folder } = await worldOf(images, (address) => ofDisk(address, 'disk.vmdk', 'vmdk', text.length))
    expect((await h2k(folder, ['plan'])).stdout).toMatch(/disk1 is fetched first, .*: its grain directory is behind/)
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/disk1.qcow2'), 'qcow2')).toBe(sha256(text))
  })

  test('whose grains are out of order is refused while it arrives, and copied as the problem says', async () => {
    const images = temporaryFolder()
    writeFileSync(join(images, 'disk.vmdk'), withoutOrder(streamOptimized(text)))
    const { folder, server } = await worldOf(images, (address) => ofDisk(address, 'disk.vmdk', 'vmdk', text.length))
    const refused = await h2k(folder, ['apply', '--auto-approve'])
    expect(refused.exitCode).toBe(1)
    const [, way = ''] =
      /IMAGE_UNSUPPORTED[\s\S]*set pipeline\.(validate: \{.*\}): then/.exec(refused.stdout + refused.stderr) ?? []
    const manifest = `${ofDisk(server.address, 'disk.vmdk', 'vmdk', text.length)}pipeline: {${way}}\n`
    writeFileSync(join(folder, 'manifests/web01.yaml'), manifest)
    await applied(folder)
    expect(contentOf(join(folder, 'output/web01/disk1.qcow2'), 'qcow2')).toBe(sha256(text))
  })

  test('is copied while it arrives without its swap', async () => {
    const images = temporaryFolder()
    const disk = makeSwapDisk(join(images, 'disk.raw'), 'lvm')
    const bytes = statSync(disk.path).size
    const options = ['-o', 'subformat=streamOptimized', disk.path, join(images, 'disk.vmdk')]
    qemuImg('convert', '-f', 'raw', '-O', 'vmdk', ...options)
    const { folder } = await worldOf(
      images,
      (address) =>
        `${ofDisk(address, 'disk.vmdk', 'vmdk', bytes)}pipeline: {convert: {enabled: true, skip: [swap]}}\noutput: {format: raw}\n`,
    )
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toMatch(/disk1 is copied while it arrives/)
    expect(plan.stdout).toMatch(/disk1: \d+(\.\d+)? MiB of swap stay behind/)
    await applied(folder)
    expectSkipped(readFileSync(join(folder, 'output/web01/disk1.raw')), disk)
    expect(await engineOf(folder)).toMatch(/while it arrived[\s\S]*left {3}9\.\d+ MiB of swap behind/)
  })

  test('killed at any moment while it is fetched goes on', async () => {
    const images = temporaryFolder()
    writeRaw(join(images, 'disk.raw'), 300, 290)
    const { folder, server } = await worldOf(images, (address) => ofDisk(address, 'disk.raw', 'raw', 300 * mib))
    server.behaviour.millisecondsPerPiece = 1
    const running = start(folder, ['apply', '--auto-approve'])
    const partial = () => globSync('.h2k/work/guests/web01/.*h2k-part', { cwd: folder })[0]
    await until(() => partial() !== undefined && readSize(join(folder, partial() ?? '')) >= 120 * mib, running)
    running.child.kill('SIGKILL')
    await running.ended
    server.requests.length = 0
    server.behaviour.millisecondsPerPiece = 0
    await applied(folder)
    const from = server.requests.map(({ range }) => Number(/^bytes=(\d+)-\d{3,}/.exec(range ?? '')?.[1] ?? 0))
    expect(Math.max(...from)).toBeGreaterThan(50 * mib)
    expect(contentOf(join(folder, 'output/web01/disk1.qcow2'), 'qcow2')).toBe(
      contentOf(join(images, 'disk.raw'), 'raw'),
    )
    expect(work(folder)).toEqual([])
  })

  test('killed while it is copied on its way begins anew, and gives the same', async () => {
    const images = temporaryFolder()
    const ova = makeOva(images, 'web01', [{ mib: 120, dataMib: 100 }])
    const { folder, server } = await worldOf(images, ofOva)
    server.behaviour.millisecondsPerPiece = 2
    const running = start(folder, ['apply', '--auto-approve'])
    const disk = join(folder, 'output/web01/vmdisk1.qcow2')
    await until(() => existsSync(join(folder, 'output/web01/.vmdisk1.qcow2.h2k-part')), running)
    await pause(200)
    running.child.kill('SIGKILL')
    await running.ended
    expect(existsSync(disk)).toBe(false)
    server.behaviour.millisecondsPerPiece = 0
    await applied(folder)
    expect(contentOf(disk, 'qcow2')).toBe(ova.contents[0])
    expect(globSync('output/web01/.*', { cwd: folder })).toEqual([])
  })
})

describe('a server that cannot be read', () => {
  const cases: readonly (readonly [string, RegExp, (world: World) => void])[] = [
    ['has no such file', /SOURCE_MISSING.*status 404/, ({ images }) => writeFileSync(join(images, 'other'), '')],
    [
      'redirects',
      /status 302: it is at https:\/\/a\.lab\/x, and redirects are not followed/,
      ({ server }) => {
        server.behaviour.redirect = 'https://a.lab/x?signature=secret'
      },
    ],
    [
      'does not say how long a file is',
      /does not say how long it is/,
      ({ server, images }) => {
        makeOva(images, 'web01', [{ mib: 40 }])
        Object.assign(server.behaviour, { noLength: true, noRanges: true })
      },
    ],
    [
      'takes no Range',
      /cannot be asked for in parts/,
      ({ server, images }) => {
        makeOva(images, 'web01', [{ mib: 40 }, { mib: 40 }])
        server.behaviour.noRanges = true
      },
    ],
    ['is not there', /SOURCE_UNREADABLE.*ECONNREFUSED/, ({ server }) => server.stop()],
  ]
  test.each(cases)('when it %s', async (_, message, prepare) => {
    const world = await worldOf(temporaryFolder(), ofOva)
    prepare(world)
    const plan = await h2k(world.folder, ['plan'])
    expect(plan.exitCode).toBe(1)
    expect(plan.stdout + plan.stderr).toMatch(message)
    expect(plan.stdout + plan.stderr).not.toMatch(/signature=secret|\n\s+at /)
  })

  test('when it wants to know who asks by then, and nothing is left behind', async () => {
    const { folder, images, server } = await worldOf(temporaryFolder(), ofOva)
    makeOva(images, 'web01', [{ mib: 80, dataMib: 40 }])
    const { child, ended } = start(folder, ['apply', '--auto-approve'])
    child.stdout?.on('data', (text: string) => {
      if (!text.includes('convert: started')) return
      server.behaviour.breakAfter = { bytes: 0, times: 1000 }
      server.behaviour.authorization = 'Bearer s3cret-word'
    })
    const run = await ended
    expect(run.exitCode).toBe(1)
    expect(run.stdout + run.stderr).toMatch(/SOURCE_UNREADABLE.*status 401[\s\S]*connection "images"/)
    expect(globSync('output/web01/{*,.*}', { cwd: folder })).toEqual([])
    delete server.behaviour.breakAfter
    delete server.behaviour.authorization
    await applied(folder)
  })

  test('when nobody vouches for it', async () => {
    const { folder, images, server } = await worldOf(temporaryFolder(), ofOva)
    makeOva(images, 'web01', [{ mib: 40 }])
    writeFileSync(join(folder, 'h2k.yaml'), 'h2k_version: 1\nname: test\n')
    const plan = await h2k(folder, ['plan'])
    expect(plan.exitCode).toBe(1)
    expect(plan.stdout + plan.stderr).toMatch(/SOURCE_UNREADABLE.*certificate[\s\S]*ca_file/)
    // As somebody who adds a certificate to the system's.
    expect((await h2k(folder, ['plan'], { SSL_CERT_FILE: server.caFile })).exitCode).toBe(0)
  })

  test.each([
    ['http://images.lab/web01.ova', /without TLS/],
    ['https://user:word@images.lab/web01.ova', /a user or a password/],
    ['https://images.lab/web01.ova?sig=abc', /behind \? or #/],
  ])('by its address alone: %s', async (path, message) => {
    const folder = makeWorkspace({ 'manifests/web01.yaml': ofOva('').replace('/web01.ova', `"${path}"`) })
    const validated = await h2k(folder, ['validate'])
    expect(validated.exitCode).toBe(1)
    expect(validated.stdout + validated.stderr).toMatch(message)
    expect(validated.stdout + validated.stderr).toContain('manifests/web01.yaml:2:')
  })
})

const sector = 512
const text = Buffer.alloc(8 * mib, 'the quick brown fox, ')
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** The same image with its first two grains in each other's place. */
function withoutOrder(image: Buffer): Buffer {
  const directory = Number(image.readBigUInt64LE(image.length - 2 * sector + 56)) * sector
  const table = image.readUInt32LE(directory) * sector
  const [first = 0, second = 0, third = 0] = [0, 1, 2].map((grain) => image.readUInt32LE(table + grain * 4))
  const grains = image.subarray(first * sector, third * sector)
  const swapped = Buffer.concat([
    grains.subarray((second - first) * sector),
    grains.subarray(0, (second - first) * sector),
  ])
  swapped.copy(image, first * sector)
  image.writeUInt32LE(first + third - second, table)
  image.writeUInt32LE(first, table + 4)
  return image
}

const pause = (milliseconds: number) => new Promise((settle) => setTimeout(settle, milliseconds))
const readSize = (path: string) => (existsSync(path) ? statSync(path).size : 0)
