import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeOvfFolder, indexOvfFolder, verifyOvfFolder } from '../../../src/adapters/ovf/folder.ts'
import { fileElement, vmwareOvf } from './descriptors.ts'
import { problemFrom } from './problems.ts'
import { digestLine, temporaryFolder } from './tars.ts'

const signal = new AbortController().signal
const ignore = () => undefined
const disk = Buffer.alloc(100_000, 'disk')
let folder: string
let ovfPath: string
const at = (name: string) => join(folder, name)

beforeEach(() => {
  folder = temporaryFolder()
  ovfPath = at('web01.ovf')
  writeFileSync(ovfPath, vmwareOvf())
  writeFileSync(at('web01-disk1.vmdk'), disk)
})
afterEach(() => rmSync(folder, { recursive: true }))

it('describes the machine and finds its disks beside the descriptor', async () => {
  const machine = await describeOvfFolder(ovfPath, signal)
  expect(machine).toMatchObject({ name: 'web01', disks: [{ file: 'web01-disk1.vmdk', fileBytes: disk.length }] })
  const entries = await indexOvfFolder(ovfPath, signal)
  expect(entries.map(({ name, path }) => [name, path])).toEqual([
    ['web01.ovf', ovfPath],
    ['web01-disk1.vmdk', at('web01-disk1.vmdk')],
  ])
})

it('finds a disk whose name the descriptor has percent-encoded, by the name it has there', async () => {
  writeFileSync(ovfPath, vmwareOvf({ files: fileElement('file1', 'web%20disk.vmdk') }))
  renameSync(at('web01-disk1.vmdk'), at('web disk.vmdk'))
  const [described] = (await describeOvfFolder(ovfPath, signal)).disks
  const found = (await indexOvfFolder(ovfPath, signal)).find(({ name }) => name === described?.file)
  expect(found?.path).toBe(at('web disk.vmdk'))
})

it('checks the manifest of the same stem, also what only that lists', async () => {
  const digests = digestLine('web01.ovf', readFileSync(ovfPath)) + digestLine('web01-disk1.vmdk', disk, 'sha512')
  writeFileSync(at('notes.txt'), 'notes')
  writeFileSync(at('other.mf'), 'not ours')
  writeFileSync(at('WEB01.MF'), digests + digestLine('notes.txt', 'notes'))
  writeFileSync(at('web01.cert'), 'x')
  const steps: number[] = []
  const { entries, warnings } = await verifyOvfFolder(ovfPath, signal, (done, total) => steps.push(done / total))
  expect(entries.map(({ name, digest }) => [name, digest?.split(':')[0]])).toEqual([
    ['web01.ovf', 'sha256'],
    ['web01-disk1.vmdk', 'sha512'],
    ['notes.txt', 'sha256'],
  ])
  expect(warnings).toEqual(['the signature in web01.cert is not checked'])
  expect(steps.at(-1)).toBe(1)

  writeFileSync(at('notes.txt'), 'nodes')
  const problem = await problemFrom(() => verifyOvfFolder(ovfPath, signal, ignore))
  expect(problem).toMatchObject({ code: 'CHECKSUM_DIFFERS', at: { file: at('WEB01.MF'), line: 3 } })
  rmSync(at('notes.txt'))
  expect((await problemFrom(() => verifyOvfFolder(ovfPath, signal, ignore))).summary).toContain(
    'notes.txt is not there',
  )
})

it('warns when there is no manifest', async () => {
  const { warnings } = await verifyOvfFolder(ovfPath, signal, ignore)
  expect(warnings).toEqual(['the export has no manifest (.mf): nothing says whether its files are whole'])
})

it('opens no file that a manifest names elsewhere', async () => {
  writeFileSync(at('web01.mf'), digestLine('../../etc/passwd', ''))
  expect((await problemFrom(() => verifyOvfFolder(ovfPath, signal, ignore))).code).toBe('ARCHIVE_HOSTILE')
})

it.each([
  ['a symbolic link to a file', () => symlinkSync('/etc/passwd', at('web01-disk1.vmdk')), 'ARCHIVE_HOSTILE'],
  ['a dangling link', () => symlinkSync('nowhere', at('web01-disk1.vmdk')), 'ARCHIVE_HOSTILE'],
  ['a folder', () => mkdirSync(at('web01-disk1.vmdk')), 'SOURCE_UNREADABLE'],
  ['nothing', () => undefined, 'SOURCE_MISSING'],
])('refuses %s where a disk should be', async (_what, put, code) => {
  rmSync(at('web01-disk1.vmdk'))
  put()
  for (const act of [describeOvfFolder, indexOvfFolder]) {
    expect((await problemFrom(() => act(ovfPath, signal))).code).toBe(code)
  }
  expect((await problemFrom(() => verifyOvfFolder(ovfPath, signal, ignore))).code).toBe(code)
})

it('follows a link that the user named, and looks for the disks beside the link', async () => {
  const elsewhere = temporaryFolder()
  renameSync(ovfPath, join(elsewhere, 'real.ovf'))
  symlinkSync(join(elsewhere, 'real.ovf'), ovfPath)
  expect((await describeOvfFolder(ovfPath, signal)).name).toBe('web01')
  rmSync(elsewhere, { recursive: true })
})

it('stops when aborted', async () => {
  await expect(verifyOvfFolder(ovfPath, AbortSignal.abort(new Error('stop')), ignore)).rejects.toThrow('stop')
})
