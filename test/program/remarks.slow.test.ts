import { readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const disk = (id: string) => `{id: ${id}, source_format: vmdk, bytes: 4194304, local_path: ../${id}.vmdk}`
const manifest = (disks: readonly string[], rest = '') => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [${disks.map(disk).join(', ')}]
${rest}`

function workspace(files: Readonly<Record<string, string>>): string {
  const folder = makeWorkspace(files)
  for (const id of ['boot', 'data']) qemuImg('create', '-q', '-f', 'vmdk', join(folder, `${id}.vmdk`), '4M')
  return folder
}

const apply = async (folder: string) => {
  const { exitCode, stderr } = await h2k(folder, ['apply', '--auto-approve'])
  expect(exitCode, stderr).toBe(0)
}
const planned = async (folder: string) => (await h2k(folder, ['plan'])).stdout

describe('files of others', () => {
  test('a domain.xml is in the way already when it is planned', async () => {
    const folder = workspace({ 'manifests/a.yaml': manifest(['boot']), 'output/a/domain.xml': '<mine/>' })
    const { exitCode, stdout } = await h2k(folder, ['plan'])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/manifests\/a\.yaml:\d+:\d+ error OUTPUT_NOT_OURS: .*output\/a\/domain\.xml exists/)
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(1)
    expect(readdirSync(join(folder, 'output/a'))).toEqual(['domain.xml'])
  })

  test('are no lost state; everything that an apply leaves is one', async () => {
    const folder = workspace({ 'manifests/a.yaml': manifest(['boot']), 'output/a/boot.qcow2': 'mine' })
    const foreign = await h2k(folder, ['apply', '--auto-approve'])
    expect(`${foreign.stdout}${foreign.stderr}`).toContain('OUTPUT_NOT_OURS')
    expect(`${foreign.stdout}${foreign.stderr}`).not.toContain('STATE_LOST')
    unlinkSync(join(folder, 'output/a/boot.qcow2'))
    await apply(folder)
    rmSync(join(folder, '.h2k'), { recursive: true })
    const lost = await h2k(folder, ['apply', '--auto-approve'])
    expect(lost.exitCode).toBe(1)
    expect(lost.stderr).toContain('STATE_LOST')
  })
})

test('a machine that comes back finds its disk, and the plan says so', async () => {
  const folder = workspace({ 'manifests/a.yaml': manifest(['boot']), 'manifests/b.yaml': manifest(['data']) })
  await apply(folder)
  const path = join(folder, 'output/a/boot.qcow2')
  const before = statSync(path)
  unlinkSync(join(folder, 'manifests/a.yaml'))
  await apply(folder)
  writeFileSync(join(folder, 'manifests/a.yaml'), manifest(['boot']))
  expect(await planned(folder)).toContain(
    'output/a/boot.qcow2 is there from before, and is kept if it is still what git wants',
  )
  await apply(folder)
  expect([statSync(path).ino, statSync(path).mtimeMs]).toEqual([before.ino, before.mtimeMs])
})

test('what another output.directory leaves behind is told', async () => {
  const folder = workspace({ 'manifests/a.yaml': manifest(['boot']) })
  await apply(folder)
  writeFileSync(join(folder, 'manifests/a.yaml'), manifest(['boot'], 'output: {directory: ../elsewhere}\n'))
  const text = await planned(folder)
  expect(text).toContain('stays behind, and h2k destroy knows it: output/a/boot.qcow2, output/a/domain.xml')
  expect(text).toMatch(/writes\.boot\.path: ".*output\/a\/boot\.qcow2" -> ".*elsewhere\/boot\.qcow2"/)
  await apply(folder)
  expect(readdirSync(join(folder, 'output/a')).toSorted()).toEqual(['boot.qcow2', 'domain.xml'])
  expect(await planned(folder)).toContain('No changes.')
})

test('of two disks only the one that is gone is copied again', async () => {
  const folder = workspace({ 'manifests/a.yaml': manifest(['boot', 'data']) })
  await apply(folder)
  const kept = statSync(join(folder, 'output/a/boot.qcow2')).ino
  unlinkSync(join(folder, 'output/a/data.qcow2'))
  const text = await planned(folder)
  expect(text).toContain('will be replaced: what changed of its disks is copied again')
  expect(text).toContain('output/a/data.qcow2 is missing')
  await apply(folder)
  expect(statSync(join(folder, 'output/a/boot.qcow2')).ino).toBe(kept)
})

test('a disk more is told as that disk', async () => {
  const folder = workspace({ 'manifests/a.yaml': manifest(['boot']) })
  await apply(folder)
  writeFileSync(join(folder, 'manifests/a.yaml'), manifest(['data', 'boot']))
  expect(await planned(folder)).not.toMatch(/writes\.\d/)
})

test('keys of the conversion without effect are warned of; every profile that comes with h2k has its effect', async () => {
  const folder = workspace({
    'manifests/a.yaml': manifest(['boot'], 'pipeline: {convert: {enabled: true, compression: zstd}}\n'),
    'manifests/b.yaml': manifest(['data'], 'profile: archive\n'),
  })
  const { exitCode, stderr } = await h2k(folder, ['validate'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain(
    'manifests/a.yaml:5:37 warning KEY_USELESS: pipeline.convert.compression has no effect without compress: true',
  )
  const plan = await h2k(folder, ['plan'])
  expect(plan.exitCode).toBe(0)
  expect(plan.stderr).toContain('warning KEY_USELESS')
  expect(plan.stdout).not.toContain('compress_level')
})

test('what a machine asks for in vain is told although nothing is to do', async () => {
  const folder = workspace({ 'manifests/a.yaml': manifest(['boot']) })
  await apply(folder)
  writeFileSync(join(folder, 'manifests/a.yaml'), manifest(['boot'], 'scaleway: {target_type: PLAY2-NANO}\n'))
  const text = await planned(folder)
  expect(text).toContain('No changes. 1 machine as git says.')
  expect(text).toContain('not applied by this version: scaleway (Scaleway target) of 1 unchanged machine')
})
