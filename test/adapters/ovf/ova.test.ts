import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { describeOva, indexOva, verifyOva } from '../../../src/adapters/ovf/ova.ts'
import { diskElement, diskItem, fileElement, processors, scsi, vmwareOvf } from './descriptors.ts'
import { problemFrom, problemsFrom } from './problems.ts'
import { type Content, digestLine, end, entry, header, realTar, tarOf, temporaryFolder } from './tars.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))
const signal = new AbortController().signal
const ignore = () => undefined

const ovf = vmwareOvf()
const disk = Buffer.alloc(3_000_000, 'disk')
const plain: Content = [
  ['web01.ovf', ovf],
  ['web01-disk1.vmdk', disk],
]

async function ovaOf(files: Content): Promise<string> {
  return written(await tarOf(files))
}

function written(bytes: Buffer): string {
  const path = join(folder, 'web01.ova')
  writeFileSync(path, bytes)
  return path
}

const stretchOf = (path: string, { stretch }: { stretch?: { offsetBytes: number; lengthBytes: number } }) =>
  readFileSync(path).subarray(stretch?.offsetBytes, (stretch?.offsetBytes ?? 0) + (stretch?.lengthBytes ?? 0))

describe('an OVA that is as it should be', () => {
  it.each([
    ['GNU tar', ['--format=gnu']],
    ['POSIX tar', ['--format=posix']],
    ['ustar', ['--format=ustar']],
  ])('is read from %s, and its disk is found in it', async (_what, options) => {
    const long = `${'a-very-long-name-'.repeat(8)}.vmdk`
    const name = options[0] === '--format=ustar' ? 'disk.vmdk' : long
    const text = vmwareOvf({ files: fileElement('file1', name) })
    const path = realTar(
      folder,
      [
        ['web01.ovf', text],
        [name, disk],
      ],
      options,
    )
    expect(await describeOva(path, signal)).toMatchObject({
      name: 'web01',
      disks: [{ file: name, fileBytes: disk.length }],
      warnings: [],
    })
    const entries = await indexOva(path, signal)
    expect(entries.map((each) => each.name)).toEqual(['web01.ovf', name])
    expect(stretchOf(path, entries[1] ?? {}).equals(disk)).toBe(true)
  })

  it('may have been archived as a folder, and with the descriptor last', async () => {
    execFileSync('sh', ['-c', 'mkdir dot && cd dot && cat > web01.ovf && touch web01-disk1.vmdk'], {
      cwd: folder,
      input: ovf,
    })
    execFileSync('tar', ['-C', join(folder, 'dot'), '-cf', join(folder, 'dot.ova'), '.'])
    const entries = await indexOva(join(folder, 'dot.ova'), signal)
    expect(entries.map(({ name }) => name).toSorted()).toEqual(['web01-disk1.vmdk', 'web01.ovf'])
    const path = await ovaOf(plain.toReversed())
    expect((await describeOva(path, signal)).name).toBe('web01')
  })

  it('may hold a disk of 9 GiB, of which describing reads nothing', async () => {
    const bytes = 9 * 2 ** 30
    const path = join(folder, 'large.ova')
    const file = openSync(path, 'w')
    writeSync(file, header('web01-disk1.vmdk', bytes), 0, 512, 0)
    const after = Buffer.concat([entry('web01.ovf', ovf), end])
    writeSync(file, after, 0, after.length, 512 + bytes)
    ftruncateSync(file, 512 + bytes + after.length)
    closeSync(file)
    expect((await describeOva(path, signal)).disks[0]?.fileBytes).toBe(bytes)
    expect((await indexOva(path, signal))[0]?.stretch).toEqual({ offsetBytes: 512, lengthBytes: bytes })
  })

  it('is found by the name in the descriptor, where that is percent-encoded', async () => {
    const text = vmwareOvf({ files: fileElement('file1', 'web%2001.vmdk') })
    const path = await ovaOf([
      ['web01.ovf', text],
      ['web 01.vmdk', disk],
    ])
    const [described] = (await describeOva(path, signal)).disks
    const found = (await indexOva(path, signal)).find(({ name }) => name === described?.file)
    expect(stretchOf(path, found ?? {}).equals(disk)).toBe(true)
  })

  it('may lack the blocks of zeros at its end, and have anything after them', async () => {
    const bytes = Buffer.concat(plain.map(([name, content]) => entry(name, content)))
    expect((await describeOva(written(bytes), signal)).name).toBe('web01')
    const more = Buffer.concat([bytes, end, Buffer.from('rest'), entry('../x')])
    expect((await describeOva(written(more), signal)).name).toBe('web01')
  })

  it('only warns when the descriptor has a size wrong', async () => {
    const text = vmwareOvf({ files: fileElement('file1', 'web01-disk1.vmdk', 'ovf:size="5"') })
    const machine = await describeOva(
      await ovaOf([
        ['web01.ovf', text],
        ['web01-disk1.vmdk', disk],
      ]),
      signal,
    )
    expect(machine.warnings).toEqual(['web01-disk1.vmdk has 3000000 bytes, the descriptor says 5'])
  })
})

describe('the digests of an OVA', () => {
  const line = (name: string, content: string | Buffer, algorithm?: string) => digestLine(name, content, algorithm)
  const manifest = (algorithm?: string) => plain.map(([name, content]) => line(name, content, algorithm)).join('')

  it.each(['sha1', 'sha256', 'sha512'])('are checked by %s, before or after the disks', async (algorithm) => {
    const [first, ...rest] = plain
    const mf = ['web01.mf', manifest(algorithm)] as const
    for (const files of [
      [...plain, mf],
      [...(first ? [first] : []), mf, ...rest],
    ]) {
      const { entries, warnings } = await verifyOva(await ovaOf(files), signal, ignore)
      const hex = createHash(algorithm).update(disk).digest('hex')
      expect(entries.find(({ name }) => name.endsWith('.vmdk'))?.digest).toBe(`${algorithm}:${hex}`)
      expect(warnings).toEqual([])
    }
  })

  it('are checked to the last byte, and every file that differs is named', async () => {
    const other = Buffer.from(disk)
    other[other.length - 1] = 0
    const files: Content = [
      ['web01.ovf', `${ovf} `],
      ['web01.mf', manifest()],
      ['web01-disk1.vmdk', other],
    ]
    const problems = await problemsFrom(async () => verifyOva(await ovaOf(files), signal, ignore))
    expect(problems.map(({ code, at, summary }) => [code, at?.line, summary.split(' ')[0]])).toEqual([
      ['CHECKSUM_DIFFERS', 1, 'web01.ovf'],
      ['CHECKSUM_DIFFERS', 2, 'web01-disk1.vmdk'],
    ])
  })

  it('must not be of files that are missing', async () => {
    const files: Content = [...plain, ['web01.mf', manifest() + line('web01.nvram', 'x')]]
    const problem = await problemFrom(async () => verifyOva(await ovaOf(files), signal, ignore))
    expect(problem).toMatchObject({ code: 'CHECKSUM_DIFFERS', at: { line: 3 } })
    expect(problem.summary).toContain('web01.nvram is not there')
  })

  it('are missed with a warning, as is the check of a signature', async () => {
    const bare = await verifyOva(await ovaOf(plain), signal, ignore)
    expect(bare.warnings).toEqual(['the export has no manifest (.mf): nothing says whether its files are whole'])
    expect(bare.entries.some((each) => 'digest' in each)).toBe(false)
    const files: Content = [...plain, ['web01.mf', line('web01.ovf', ovf)], ['web01.cert', 'x']]
    expect((await verifyOva(await ovaOf(files), signal, ignore)).warnings).toEqual([
      'web01.mf does not list web01-disk1.vmdk: nothing says whether it is whole',
      'the signature in web01.cert is not checked',
    ])
  })

  it('are checked in bounded memory, with progress that ends at the total', async () => {
    const large = Buffer.alloc(40 * 2 ** 20, 'large')
    const files: Content = [
      ['web01.ovf', ovf],
      ['web01.mf', line('web01-disk1.vmdk', large)],
      ['web01-disk1.vmdk', large],
    ]
    const path = await ovaOf(files)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const steps: (readonly [number, number])[] = []
    await verifyOva(path, signal, (done, total) => {
      steps.push([done, total])
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    })
    expect(steps.length).toBeGreaterThan(5)
    expect(steps.every(([done], index) => done >= (steps[index - 1]?.[0] ?? 0))).toBe(true)
    expect(steps.at(-1)?.[0]).toBe(steps.at(-1)?.[1])
    expect(most).toBeLessThan(16 * 2 ** 20)
  })

  it('stop being checked when aborted', async () => {
    const large = Buffer.alloc(40 * 2 ** 20, 'large')
    const files: Content = [
      ['web01.ovf', ovf],
      ['web01.mf', line('web01-disk1.vmdk', large)],
      ['web01-disk1.vmdk', large],
    ]
    const path = await ovaOf(files)
    const stop = new AbortController()
    let calls = 0
    const running = verifyOva(path, stop.signal, (done) => {
      calls += 1
      if (done > 2 ** 20) stop.abort(new Error('stop'))
    })
    await expect(running).rejects.toThrow('stop')
    expect(calls).toBeLessThan(4)
    await expect(describeOva(path, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })
})

it('holds disks that qemu-img reads where they lie', async () => {
  const image = join(folder, 'source.raw')
  writeFileSync(image, Buffer.alloc(2 ** 20, 'guest'))
  const vmdk = join(folder, 'web01-disk1.vmdk')
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', image, vmdk])
  const content = readFileSync(vmdk)
  const disks = diskElement('vmdisk1', 'file1').replace('"16"', '"1"').replace('2^30', '2^20')
  const text = vmwareOvf({ disks, items: processors + scsi + diskItem(7, 'vmdisk1', 0) })
  const mf = digestLine('web01.ovf', text) + digestLine('web01-disk1.vmdk', content)
  const path = realTar(folder, [
    ['web01.ovf', text],
    ['web01.mf', mf],
    ['web01-disk1.vmdk', content],
  ])
  const { entries, warnings } = await verifyOva(path, signal, ignore)
  const found = entries.find(({ name }) => name === 'web01-disk1.vmdk')
  expect(warnings).toEqual([])
  const { offsetBytes: offset, lengthBytes: size } = found?.stretch ?? { offsetBytes: 0, lengthBytes: 0 }
  const file = { driver: 'vmdk', file: { driver: 'raw', offset, size, file: { driver: 'file', filename: path } } }
  const out = join(folder, 'out.raw')
  execFileSync('qemu-img', ['convert', '-O', 'raw', `json:${JSON.stringify(file)}`, out])
  expect(readFileSync(out).equals(readFileSync(image))).toBe(true)
})
