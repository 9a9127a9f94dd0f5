import { createHash } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { digestOfFile } from '../../../src/adapters/libvirt/digest-of-file.ts'
import { refuseUnfitPool } from '../../../src/adapters/libvirt/pool-kind.ts'
import { inTurn } from '../../../src/adapters/libvirt/turns.ts'
import { overConnection, upload } from '../../../src/adapters/libvirt/upload.ts'
import { problem } from '../../../src/core/problem.ts'

const { signal } = new AbortController()

test.each([
  ['full', 0, 'is not what was sent: No space left in the pool'],
  ['not full', 2 ** 30, 'is not what was sent'],
])('a volume that comes back otherwise than it was sent is removed, from a pool that is %s', async (_, free, why) => {
  const commands: string[] = []
  const uuid = '3f4b4a1e-6b1c-4f7a-9d5e-0c2d7a1b9e10'
  const virsh = {
    uri: 'qemu+ssh://kvm1/system',
    async run([command = '']: readonly string[]) {
      commands.push(command.split(' ')[0] ?? '')
      if (command.startsWith('pool-list')) {
        const between = command.match(/echo ([^;]+);/)?.[1]
        return `${uuid} vms\n${between}\n${uuid} vms\n`
      }
      if (!command.includes('pool-dumpxml')) return ''
      return `<pool type='dir'><name>vms</name><capacity>9</capacity><available unit='bytes'>${free}</available></pool>`
    },
    digest: async () => 'other',
  }
  const wanted = { pool: { name: 'vms', kind: 'file' }, volume: 'a-b.qcow2', sha256: 'mine' } as const
  const sent = upload(virsh, { path: '/a', bytes: 1 }, wanted, overConnection(virsh, wanted), signal)
  await expect(sent).rejects.toThrow(new RegExp(`vms/a-b.qcow2 ${why}$`, 'm'))
  expect(commands).toEqual(['vol-create-as', 'vol-upload', 'pool-list', 'pool-refresh', 'vol-delete'])
})

test('a volume that is larger than its disk has zeros behind it before it is read back', async () => {
  const commands: (readonly string[])[] = []
  const virsh = {
    uri: 'qemu+ssh://kvm1/system',
    async run(args: readonly string[]) {
      commands.push(args)
      return args[0] === 'vol-dumpxml' ? "<volume><capacity unit='bytes'>4194304</capacity></volume>" : ''
    },
    digest: async () => 'mine',
  }
  const wanted = { pool: { name: 'vms', kind: 'block' }, volume: 'a-b.raw', sha256: 'mine' } as const
  const upTo = async (bytes: number) => {
    commands.length = 0
    await upload(virsh, { path: '/a', bytes }, wanted, overConnection(virsh, wanted), signal)
    return commands.filter(([command]) => command === 'vol-upload').map((args) => args.join(' '))
  }
  expect(await upTo(3_000_000)).toEqual([
    'vol-upload --sparse --pool=vms --vol=a-b.raw --file=/a',
    expect.stringMatching(/--offset=3000000 --file=.*zeros$/),
  ])
  expect(await upTo(4_194_304)).toHaveLength(1)
})

test.each([
  ['web01-disk1.raw', true],
  ['gr%C3%B6%C3%9Fe-disk1.raw', false],
  ['-o-disk1.raw', false],
  ['a b-disk1.raw', false],
  ['snapshot-disk1.raw', false],
  ['x_tmeta-disk1.raw', false],
  [`${'a'.repeat(127)}`, true],
  [`${'a'.repeat(128)}`, false],
])('LVM has a name %s: %s', (volume, fits) => {
  const refuse = (type: string) => () =>
    refuseUnfitPool({ name: 'vms', type, kind: 'block' }, { format: 'raw', volume }, {})
  if (fits) expect(refuse('logical')).not.toThrow()
  else expect(refuse('logical')).toThrow('LVM has no such names')
  expect(refuse('zfs')).not.toThrow()
})

test('what a command writes is digested and not kept, and neither side waits for one that failed', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('h2k-digest-'))
  const before = folders()
  const bytes = Buffer.alloc(3_000_000, 'abc')
  const digest = await digestOfFile(createRunner(), async (path) => writeFileSync(path, bytes), signal)
  expect(digest).toBe(createHash('sha256').update(bytes).digest('hex'))
  const lost = async () => {
    throw problem('TARGET_UNREACHABLE', 'the connection is gone')
  }
  await expect(digestOfFile(createRunner(), lost, signal)).rejects.toThrow('the connection is gone')
  expect(folders().filter((name) => !before.includes(name))).toEqual([])
})

test.each([
  ['qemu:///system', 8],
  ['qemu+ssh://kvm1/system', 4],
])('%s is asked %i things at once at most, and one that fails leaves its place', async (uri, most) => {
  let now = 0
  let seen = 0
  const asked = Array.from({ length: 30 }, (_, index) =>
    inTurn(uri, signal, async () => {
      seen = Math.max(seen, ++now)
      await new Promise((settle) => setImmediate(settle))
      now--
      if (index % 3 === 0) throw new Error(`no ${index}`)
      return index
    }),
  )
  const ended = await Promise.allSettled(asked)
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
  expect(seen).toBe(most)
})
