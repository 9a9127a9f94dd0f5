import { expect, it } from 'vitest'
import type { GuestTree } from '../../src/ports/guest-tree.ts'

/** What every `GuestTree` does; `open` gives a tree and an empty folder in it. */
export function guestTreeContract(open: () => Promise<{ readonly tree: GuestTree; readonly folder: string }>): void {
  it('reads what was written, as text and as bytes', async () => {
    const { tree, folder } = await open()
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251)
    await tree.write(`${folder}/text`, 'é\n$(id)\0')
    await tree.write(`${folder}/bytes`, bytes)
    await tree.write(`${folder}/empty`, '')
    expect(await tree.read(`${folder}/text`)).toBe('é\n$(id)\0')
    expect(Buffer.from((await tree.readBytes(`${folder}/bytes`)) ?? []).equals(Buffer.from(bytes))).toBe(true)
    expect(await tree.read(`${folder}/empty`)).toBe('')
    expect([await tree.size(`${folder}/bytes`), await tree.size(`${folder}/none`)]).toEqual([3_000_000, undefined])
  })

  it('has nothing to read where there is no file', async () => {
    const { tree, folder } = await open()
    await tree.write(`${folder}/file`, 'x')
    for (const path of [`${folder}/no`, `${folder}/no/file`, `${folder}/file/below`, folder]) {
      expect(await tree.read(path), path).toBeUndefined()
    }
    expect(await tree.kind(`${folder}/no`)).toBeUndefined()
    expect(await tree.mode(`${folder}/no`)).toBeUndefined()
    expect(await tree.readLink(`${folder}/no`)).toBeUndefined()
    expect(await tree.readLink(`${folder}/file`)).toBeUndefined()
    expect(await tree.list(`${folder}/no`)).toEqual([])
    expect(await tree.glob(`${folder}/no*`)).toEqual([])
  })

  it('keeps the mode of a file that it rewrites, and gives a new one the mode that is asked for', async () => {
    const { tree, folder } = await open()
    await tree.write(`${folder}/plain`, 'a')
    await tree.write(`${folder}/secret`, 'a', { mode: 0o600 })
    await tree.write(`${folder}/secret`, 'b', { mode: 0o644 })
    expect([await tree.mode(`${folder}/plain`), await tree.mode(`${folder}/secret`)]).toEqual([0o644, 0o600])
    await tree.setMode(`${folder}/plain`, 0o755)
    expect(await tree.mode(`${folder}/plain`)).toBe(0o755)
    expect(await tree.read(`${folder}/secret`)).toBe('b')
  })

  it('follows links inside of the guest, also absolute ones', async () => {
    const { tree, folder } = await open()
    await tree.makeFolder(`${folder}/real/deep`)
    await tree.write(`${folder}/real/file`, 'x')
    await tree.link(`${folder}/real`, `${folder}/link`)
    await tree.link('real/file', `${folder}/near`)
    expect(await tree.read(`${folder}/link/file`)).toBe('x')
    expect(await tree.read(`${folder}/near`)).toBe('x')
    expect(await tree.list(`${folder}/link`)).toEqual(['deep', 'file'])
    await tree.write(`${folder}/link/file`, 'y')
    expect(await tree.read(`${folder}/real/file`)).toBe('y')
    expect(await tree.kind(`${folder}/link`)).toBe('link')
    expect(await tree.kind(`${folder}/link/file`)).toBe('file')
    expect(await tree.kind(`${folder}/link/deep`)).toBe('directory')
    expect(await tree.readLink(`${folder}/link`)).toBe(`${folder}/real`)
  })

  it('lists, finds, renames and removes', async () => {
    const { tree, folder } = await open()
    await tree.makeFolder(`${folder}/a/b`)
    await tree.makeFolder(`${folder}/a/b`)
    for (const name of ['z.conf', 'a.conf', 'a.txt']) await tree.write(`${folder}/a/${name}`, name)
    expect(await tree.list(`${folder}/a`)).toEqual(['a.conf', 'a.txt', 'b', 'z.conf'])
    expect(await tree.glob(`${folder}/*/*.conf`)).toEqual([`${folder}/a/a.conf`, `${folder}/a/z.conf`])
    expect(await tree.glob(`${folder}/a/b*`)).toEqual([`${folder}/a/b`])
    await tree.rename(`${folder}/a/z.conf`, `${folder}/a/y.conf`)
    expect(await tree.read(`${folder}/a/y.conf`)).toBe('z.conf')
    await tree.remove(`${folder}/a/y.conf`)
    await tree.remove(`${folder}/a/no`)
    expect(await tree.kind(`${folder}/a/y.conf`)).toBeUndefined()
    await tree.remove(`${folder}/a`)
    expect(await tree.list(folder)).toEqual([])
  })

  it('removes a link and not what it leads to', async () => {
    const { tree, folder } = await open()
    await tree.makeFolder(`${folder}/kept`)
    await tree.write(`${folder}/kept/file`, 'x')
    await tree.link(`${folder}/kept`, `${folder}/link`)
    await tree.remove(`${folder}/link`)
    expect(await tree.read(`${folder}/kept/file`)).toBe('x')
  })

  it('fails where there is no folder to write in', async () => {
    const { tree, folder } = await open()
    await expect(tree.write(`${folder}/no/file`, 'x')).rejects.toThrow(/No such file/)
  })
}
