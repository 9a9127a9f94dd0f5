import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeWorkspace, qemuImg, temporaryFolder } from '../support/machines.ts'
import { leftOutOf, makeNtfsDisk } from '../support/ntfs-disk.ts'
import { h2k } from '../support/program.ts'
import { change, makeSwapDisk, swapIdentity } from '../support/swap-disk.ts'

const mib = 2 ** 20

const manifest = (
  path: string,
  format: string,
  more = '',
  skip = ', skip: [swap]',
  bytes = 24 * mib,
) => `manifest_version: "1.0"
source: {provider: local, vm_name: web01}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: ${format}, bytes: ${bytes}, local_path: ${path}}]
pipeline: {convert: {enabled: true${skip}}, validate: {enabled: true${more}}}
`

function swapVmdk() {
  const images = temporaryFolder()
  const disk = makeSwapDisk(join(images, 'disk.raw'), 'gpt')
  const vmdk = join(images, 'disk.vmdk')
  const convert = () =>
    qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk.path, vmdk)
  convert()
  return { ...disk, vmdk, convert }
}

test('swap stays behind: the plan says how much, the guest finds its swap empty and the rest as it was', async () => {
  const { path, vmdk, swapAt, swapBytes } = swapVmdk()
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(vmdk, 'vmdk') })
  const all = makeWorkspace({ 'manifests/web01.yaml': manifest(vmdk, 'vmdk', '', '') })
  const written = (text: string) => Number(/writes at most ([\d.]+) MiB/.exec(text)?.[1])
  const plan = (await h2k(folder, ['plan'])).stdout
  expect(plan).toMatch(/boot: 7\.\d+ MiB of swap stay behind/)
  expect(written((await h2k(all, ['plan'])).stdout) - written(plan)).toBeCloseTo(7.9, 0)

  const run = await h2k(folder, ['apply', '--auto-approve'])
  expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  const [disk, raw] = [join(folder, 'output/web01/boot.qcow2'), join(folder, 'boot.raw')]
  qemuImg('convert', '-f', 'qcow2', '-O', 'raw', disk, raw)
  const [copy, source] = [readFileSync(raw), readFileSync(path)]
  expect(copy.subarray(0, swapAt + 4096).equals(source.subarray(0, swapAt + 4096))).toBe(true)
  expect(copy.subarray(swapAt + swapBytes).equals(source.subarray(swapAt + swapBytes))).toBe(true)
  expect(copy.subarray(swapAt + 65_536, swapAt + swapBytes).every((byte) => byte === 0)).toBe(true)
  expect(swapIdentity(raw, swapAt)).toBe(swapIdentity(path, swapAt))
  expect((await h2k(folder, ['state', 'show', 'machine.web01'])).stdout).toMatch(/left {3}7\.\d+ MiB of swap behind/)
  expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
})

test('a guest that is hibernated is refused by the plan', async () => {
  const { path, vmdk, swapAt, convert } = swapVmdk()
  change(path, swapAt + 4086, 'S1SUSPEND\0')
  convert()
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(vmdk, 'vmdk') })
  const plan = await h2k(folder, ['plan'])
  expect(plan.exitCode).toBe(1)
  expect(plan.stdout + plan.stderr).toMatch(
    /manifests\/web01\.yaml:4:\d+ error GUEST_REFUSED: .*hibernated.*partition 2/,
  )
})

test('a Windows: the plan says how much stays behind, and refuses one that is hibernated', async () => {
  const images = temporaryFolder()
  const planned = async (hibernation: string) => {
    const disk = makeNtfsDisk(join(images, `${hibernation}.raw`), 'mbr', { hibernation })
    const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(disk.path, 'raw', '', undefined, 72 * mib) })
    return { disk, plan: await h2k(folder, ['plan']) }
  }
  const { disk, plan } = await planned('wake')
  expect(plan.exitCode, plan.stderr).toBe(0)
  expect(plan.stdout).toContain(`boot: ${(leftOutOf(disk) / mib).toFixed(1)} MiB of swap stay behind`)
  const refused = (await planned('HIBR')).plan
  expect(refused.exitCode).toBe(1)
  expect(refused.stdout + refused.stderr).toMatch(
    /error GUEST_REFUSED: .*hibernated, and hiberfil\.sys in its partition 2/,
  )
  expect(refused.stdout + refused.stderr).toContain('shutdown /s /f /t 0')
})

describe('what has no effect is told', () => {
  const identical = (source: string, format: string, folder: string) =>
    qemuImg('compare', '-f', format, '-F', 'qcow2', source, join(folder, 'output/web01/boot.qcow2'))

  test.each([
    ['of another format', 'vhd', ['-O', 'vpc', '-o', 'force_size=on'], 'a dynamic VHD'],
    ['with other clusters', 'qcow2', ['-O', 'qcow2', '-o', 'cluster_size=4k'], 'a qcow2 with clusters of 4 KiB'],
    ['with compressed clusters', 'qcow2', ['-O', 'qcow2', '-c'], 'a qcow2 with compressed clusters'],
  ])('an image that qemu-img copies, %s', async (_, format, options, why) => {
    const { path } = swapVmdk()
    const image = `${path}.${format}`
    qemuImg('convert', '-f', 'raw', ...options, path, image)
    const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(image, format) })
    const plan = (await h2k(folder, ['plan'])).stdout
    expect(plan).toContain(`1 disk to qcow2, by qemu-img: ${why}`)
    expect(plan).toContain('boot: swap is copied too, since qemu-img copies it')
    const run = await h2k(folder, ['apply', '--auto-approve'])
    expect(run.exitCode, run.stdout + run.stderr).toBe(0)
    expect(identical(path, 'raw', folder)).toMatch(/identical/)
    const shown = (await h2k(folder, ['state', 'show', 'machine.web01'])).stdout
    expect(shown).toMatch(new RegExp(`by {5}qemu-img [\\d.]+ in [\\d.]+ s: ${why}$`, 'm'))
    expect(shown).not.toContain('of swap behind')
  })
})

test('swap of an image that is made raw for its level of compression stays behind, as the plan says', async () => {
  const { path, swapAt, swapBytes } = swapVmdk()
  const vhd = `${path}.vhd`
  qemuImg('convert', '-f', 'raw', '-O', 'vpc', '-o', 'force_size=on', path, vhd)
  const level = ', skip: [swap], compress: true, compress_level: 9'
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(vhd, 'vhd', '', level) })
  const plan = (await h2k(folder, ['plan'])).stdout
  expect(plan).toContain('1 disk to qcow2, zstd, on several threads, made raw by qemu-img first: a dynamic VHD')
  expect(plan).toContain('boot: its swap is looked for when it is raw')
  expect(plan).toMatch(/writes at most 24 MiB of .* free at output \(and 24 MiB meanwhile\)/)
  const run = await h2k(folder, ['apply', '--auto-approve'])
  expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  const raw = join(folder, 'boot.raw')
  qemuImg('convert', '-f', 'qcow2', '-O', 'raw', join(folder, 'output/web01/boot.qcow2'), raw)
  expect(
    readFileSync(raw)
      .subarray(swapAt + 65_536, swapAt + swapBytes)
      .every((byte) => byte === 0),
  ).toBe(true)
  const shown = (await h2k(folder, ['state', 'show', 'machine.web01'])).stdout
  expect(shown).toMatch(/by {5}h2k, \d+ threads in [\d.]+ s: a dynamic VHD, made raw by qemu-img first$/m)
  expect(shown).toMatch(/left {3}7\.\d+ MiB of swap behind/)
})

test('what contradicts it is refused', async () => {
  const { vmdk } = swapVmdk()
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(vmdk, 'vmdk', ', compare_source: true') })
  const validated = await h2k(folder, ['validate'])
  expect(validated.exitCode).toBe(1)
  expect(validated.stdout + validated.stderr).toMatch(/VALUE_INVALID.*compare_source would find what skip leaves out/)
})
