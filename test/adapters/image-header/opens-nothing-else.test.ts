import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { qemuImg } from '../../support/machines.ts'
import { descriptor } from './esxi-vmdk.ts'
import { sector, sharedFolder } from './images.ts'

const missing = spawnSync('strace', ['-V']).error !== undefined
const folder = sharedFolder()

/** Images that name /etc/shadow, each by another way; their files. */
function hostileImages(): readonly string[] {
  const made: string[] = []
  const write = (ending: string, bytes: string | Buffer) => {
    const name = `hostile-${made.length + 10}.${ending}`
    writeFileSync(join(folder, name), bytes)
    made.push(name)
  }
  for (const name of ['/etc/shadow', '../../../../../../etc/shadow', 'file:/etc/shadow', 'raw:/etc/shadow']) {
    write('vmdk', descriptor('vmfs', [`RW 1 VMFS "${name}"`]))
    write('vmdk', descriptor('monolithicFlat', ['RW 1 FLAT "fine-flat.vmdk" 0', `RW 1 FLAT "${name}" 0`]))
    write('vmdk', descriptor('twoGbMaxExtentSparse', [`RW 1 SPARSE "${name}"`]))
    write('vmdk', descriptor('vmfs', ['RW 1 VMFS "fine-flat.vmdk"'], [`parentFileNameHint="${name}"`]))
  }
  write('vmdk', descriptor('vmfs', ['RW 1 VMFS "link-flat.vmdk"']))
  symlinkSync('/etc/shadow', join(folder, 'link-flat.vmdk'))
  writeFileSync(join(folder, 'fine-flat.vmdk'), Buffer.alloc(sector))

  // A sparse VMDK of no sectors, which sends qemu to the extents of the descriptor inside it.
  const sparse = join(folder, 'sparse.vmdk')
  qemuImg('create', '-q', '-f', 'vmdk', sparse, '1M')
  const emptied = readFileSync(sparse)
  emptied.writeBigUInt64LE(0n, 12)
  emptied.fill(0, sector, 21 * sector)
  emptied.write(descriptor('monolithicFlat', ['RW 1 FLAT "/etc/shadow" 0']), sector)
  write('vmdk', emptied)

  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/shadow', '-F', 'raw', join(folder, 'backed.qcow2'), '1M')
  write('qcow2', readFileSync(join(folder, 'backed.qcow2')))
  const json = 'json:{"driver":"raw","file":{"driver":"file","filename":"/etc/shadow"}}'
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', json, '-F', 'raw', join(folder, 'backed.qcow2'), '1M')
  write('qcow2', readFileSync(join(folder, 'backed.qcow2')))
  return made
}

describe.skipIf(missing)(`an image that names another file${missing ? ' (skipped: no strace)' : ''}`, () => {
  test('is refused, and that file is neither opened nor looked at', () => {
    const images = hostileImages()
    const calls = join(folder, 'calls.txt')
    const program = [process.execPath, join(import.meta.dirname, 'read-headers.child.ts'), folder]
    const strace = ['-f', '-qq', '-s', '4096', '-e', 'trace=%file', '-o', calls]
    const said = execFileSync('strace', [...strace, ...program], { encoding: 'utf8' })
    const refusals = said.trimEnd().split('\n')
    expect(refusals).toHaveLength(images.length)
    expect(refusals.filter((line) => !/ IMAGE_(REFERS_OUTSIDE|ABSURD)$/.test(line))).toEqual([])
    const traced = readFileSync(calls, 'utf8')
    for (const image of images) expect(traced).toContain(image)
    expect(traced.split('\n').filter((line) => line.includes('shadow'))).toEqual([])
  })
})
