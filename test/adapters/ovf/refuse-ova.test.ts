import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { describeOva, verifyOva } from '../../../src/adapters/ovf/ova.ts'
import { fileElement, vmwareOvf } from './descriptors.ts'
import { problemFrom } from './problems.ts'
import { digestLine, end, entry, header, temporaryFolder } from './tars.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))
const signal = new AbortController().signal
const path = join(folder, 'web01.ova')

const ovf = entry('web01.ovf', vmwareOvf())
const disk = entry('web01-disk1.vmdk', 'disk')
const good = Buffer.concat([ovf, disk, end])
const pax = (record: string) => {
  const line = ` ${record}\n`
  return entry('PaxHeaders/x', `${line.length + 2}${line}`, 'x')
}

it.each<[string, Buffer[], string, RegExp]>([
  ['a symbolic link', [ovf, entry('web01-disk1.vmdk', '', '2', '/etc/passwd')], 'ARCHIVE_HOSTILE', /a symlink/],
  ['a hard link', [ovf, entry('web01-disk1.vmdk', '', '1', 'web01.ovf')], 'ARCHIVE_HOSTILE', /a link/],
  ['a character device', [ovf, disk, entry('null', '', '3')], 'ARCHIVE_HOSTILE', /character-device/],
  ['a block device', [ovf, disk, entry('sda', '', '4')], 'ARCHIVE_HOSTILE', /block-device/],
  ['a FIFO', [ovf, disk, entry('pipe', '', '6')], 'ARCHIVE_HOSTILE', /fifo/],
  ['a GNU sparse file', [ovf, disk, entry('x', '', 'S')], 'ARCHIVE_HOSTILE', /sparse or of an unknown type/],
  ['a pax sparse file', [ovf, pax('GNU.sparse.major=1'), entry('x')], 'ARCHIVE_HOSTILE', /sparse entry/],
  ['another kind of entry', [ovf, disk, entry('x', '', 'M')], 'ARCHIVE_HOSTILE', /unknown type/],
  ['a name that leads out', [ovf, entry('../web01-disk1.vmdk')], 'ARCHIVE_HOSTILE', /leads out/],
  ['such a name in a pax record', [ovf, pax('path=../x'), entry('x')], 'ARCHIVE_HOSTILE', /leads out/],
  [
    'such a name in a GNU long name',
    [ovf, entry('././@LongLink', '../x\0', 'L'), entry('x')],
    'ARCHIVE_HOSTILE',
    /leads out/,
  ],
  ['an absolute name', [ovf, entry('/web01-disk1.vmdk')], 'ARCHIVE_HOSTILE', /is absolute/],
  ['a folder that leads out', [ovf, disk, entry('../', '', '5')], 'ARCHIVE_HOSTILE', /leads out/],
  ['a control character', [ovf, disk, entry('a\u001b[2J')], 'ARCHIVE_HOSTILE', /"a\\u001b\[2J", which has control/],
  ['a name twice', [ovf, disk, disk], 'ARCHIVE_HOSTILE', /two entries named/],
  ['a name twice but for case', [ovf, disk, entry('WEB01-DISK1.VMDK')], 'ARCHIVE_HOSTILE', /two entries named/],
  ['a name twice but for "./"', [ovf, disk, entry('./web01-disk1.vmdk')], 'ARCHIVE_HOSTILE', /two entries named/],
  ['two descriptors', [ovf, disk, entry('other.OVF')], 'ARCHIVE_HOSTILE', /more than one \.ovf/],
  [
    'too many entries',
    [ovf, disk, ...Array.from({ length: 1000 }, (_, i) => entry(`e${i}`))],
    'ARCHIVE_HOSTILE',
    /1000 entries/,
  ],
  ['a size beyond the file', [ovf, header('web01-disk1.vmdk', 2 ** 40)], 'ARCHIVE_CORRUPT', /cut short/],
  ['an absurd size', [ovf, header('web01-disk1.vmdk', 2 ** 60)], 'ARCHIVE_HOSTILE', /absurd size/],
  [
    'a huge descriptor',
    [entry('web01.ovf', Buffer.alloc(9 * 2 ** 20, ' '))],
    'ARCHIVE_HOSTILE',
    /more than such a file needs/,
  ],
  ['a descriptor in a folder', [entry('web/web01.ovf', vmwareOvf()), disk], 'OVF_UNSUPPORTED', /in a folder/],
  ['no descriptor', [disk], 'ARCHIVE_CORRUPT', /no \.ovf descriptor/],
  ['no disk', [ovf], 'SOURCE_MISSING', /^web01-disk1\.vmdk, which .*web01\.ova\/web01\.ovf names, is not in/],
  ['a descriptor that is none', [entry('web01.ovf', '<a/>')], 'OVF_INVALID', /"a" document/],
  ['an entity bomb', [entry('web01.ovf', '<!DOCTYPE a><a/>')], 'XML_HOSTILE', /document type/],
  [
    'such hrefs',
    [entry('web01.ovf', vmwareOvf({ files: fileElement('file1', '../../x') }))],
    'ARCHIVE_HOSTILE',
    /leads out/,
  ],
])('refuses %s', async (_what, blocks, code, summary) => {
  writeFileSync(path, Buffer.concat([...blocks, end]))
  const problem = await problemFrom(() => describeOva(path, signal))
  expect(problem).toMatchObject({ code, summary: expect.stringMatching(summary) })
})

it.each<[string, Buffer, RegExp]>([
  ['gzip', gzipSync(good), /compressed with gzip/],
  ['a disk', Buffer.concat([Buffer.from('KDMV'), Buffer.alloc(2000, 1)]), /a VMDK disk/],
  ['a ZIP archive', Buffer.from('PK\x03\x04rest'), /a ZIP archive/],
  ['a descriptor', Buffer.from(vmwareOvf()), /an XML file/],
  ['noise', Buffer.alloc(5000, 'noise'), /not a tar archive/],
  ['nothing', Buffer.alloc(0), /no \.ovf descriptor/],
  ['zeros', Buffer.alloc(10_000), /no \.ovf descriptor/],
  [
    'a tar cut in a disk',
    good.subarray(0, good.length - 1024 - 512),
    /cut short: "web01-disk1\.vmdk" needs 4 bytes, 0 are there/,
  ],
  ['a tar cut in a header', Buffer.concat([ovf, disk.subarray(0, 100)]), /damaged at byte \d+/],
  ['a damaged header', Buffer.concat([ovf, Buffer.alloc(512, 'x'), end]), /damaged at byte \d+/],
  ['only the header of a long name', Buffer.concat([ovf, pax('path=x'), end]), /damaged at byte \d+/],
])('says that %s is no whole OVA', async (_what, bytes, summary) => {
  writeFileSync(path, bytes)
  const problem = await problemFrom(() => verifyOva(path, signal, () => undefined))
  expect(problem).toMatchObject({ code: 'ARCHIVE_CORRUPT', summary: expect.stringMatching(summary) })
})

it('refuses what the real tar makes of links and sparse files', async () => {
  writeFileSync(join(folder, 'web01.ovf'), vmwareOvf())
  symlinkSync('/etc/passwd', join(folder, 'web01-disk1.vmdk'))
  execFileSync('truncate', ['-s', '10M', join(folder, 'sparse.img')])
  const archive = (options: string[], disk: string) =>
    execFileSync('tar', [...options, '-C', folder, '-cf', path, 'web01.ovf', disk])
  for (const [options, file] of [
    [[], 'web01-disk1.vmdk'],
    [['-S', '--format=gnu'], 'sparse.img'],
    [['-S', '--format=posix'], 'sparse.img'],
  ] as const) {
    archive([...options], file)
    expect((await problemFrom(() => describeOva(path, signal))).code).toBe('ARCHIVE_HOSTILE')
  }
})

it('refuses two manifests, and one that is no text of digests', async () => {
  const refusal = (...blocks: Buffer[]) => {
    writeFileSync(path, Buffer.concat([ovf, disk, ...blocks, end]))
    return problemFrom(() => verifyOva(path, signal, () => undefined))
  }
  const mf = digestLine('web01.ovf', vmwareOvf())
  expect((await refusal(entry('a.mf', mf), entry('b.mf', mf))).code).toBe('ARCHIVE_HOSTILE')
  expect((await refusal(entry('a.mf', 'hello'))).code).toBe('ARCHIVE_CORRUPT')
  expect((await refusal(entry('a.mf', mf.replace('web01.ovf', '../web01.ovf')))).code).toBe('ARCHIVE_HOSTILE')
})

it('says what is there instead of a file', async () => {
  mkdirSync(join(folder, 'folder.ova'))
  execFileSync('mkfifo', [join(folder, 'fifo.ova')])
  for (const [name, code] of [
    ['missing.ova', 'SOURCE_MISSING'],
    ['folder.ova', 'SOURCE_UNREADABLE'],
    ['fifo.ova', 'SOURCE_UNREADABLE'],
  ] as const) {
    expect((await problemFrom(() => describeOva(join(folder, name), signal))).code).toBe(code)
  }
})
