import { describe, expect, it } from 'vitest'
import type { GuestConfiguration } from '../../../../../src/core/language/guest-configuration.ts'
import type { MemoryFile } from '../../../../support/guest-tree.ts'
import { repaired } from '../guests.ts'

const hash = '$6$salt$0123456789abcdef'
const key = 'ssh-ed25519 AAAAC3 deploy@office'
const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000:Old,,,:/home/old:/bin/bash\n',
  '/etc/shadow': {
    content: 'root:*:19000:0:99999:7:::\nold:$6$a$oldhash00:19000:0:99999:7:::\n',
    mode: 0o640,
    gid: 42,
  },
  '/etc/group': 'root:x:0:\nsudo:x:27:old\nold:x:1000:\n',
  '/etc/gshadow': { content: 'root:*::\nsudo:*::old\nold:!::\n', mode: 0o640, gid: 42 },
  '/etc/login.defs': '# x\nUID_MIN\t\t\t 1000\n',
  '/etc/skel/.profile': '# profile\n',
  '/etc/skel/.config/a': 'a\n',
}
const create = (...users: NonNullable<NonNullable<GuestConfiguration['users']>['create']>) => ({
  configuration: { users: { create: users } },
})

describe('users', () => {
  it('are made with a group, a home and keys of their own', async () => {
    const request = create({
      name: 'deploy',
      password: hash,
      groups: ['sudo', 'docker'],
      shell: '/bin/bash',
      ssh_authorized_keys: [key],
    })
    const { tree, changes } = await repaired(files, request)
    expect((await tree.read('/etc/passwd'))?.split('\n').at(-2)).toBe('deploy:x:1001:1001::/home/deploy:/bin/bash')
    expect(await tree.read('/etc/group')).toBe(
      'root:x:0:\nsudo:x:27:old,deploy\nold:x:1000:\ndeploy:x:1001:\ndocker:x:1002:deploy\n',
    )
    expect(await tree.read('/etc/gshadow')).toBe(
      'root:*::\nsudo:*::old,deploy\nold:!::\ndeploy:!::\ndocker:!::deploy\n',
    )
    expect((await tree.read('/etc/shadow'))?.split('\n').at(-2)).toBe(`deploy:${hash}::0:99999:7:::`)
    expect(await tree.mode('/etc/shadow')).toBe(0o640)
    expect(await tree.read('/home/deploy/.ssh/authorized_keys')).toBe(`${key}\n`)
    expect(await tree.mode('/home/deploy/.ssh/authorized_keys')).toBe(0o600)
    for (const path of ['.profile', '.config/a', '.ssh/authorized_keys']) {
      expect(tree.owner(`/home/deploy/${path}`)).toBe('1001:1001')
    }
    expect(JSON.stringify(changes)).not.toContain(hash)
    expect(changes.map(({ subject }) => subject)).toEqual([
      '/etc/passwd',
      '/etc/group',
      '/etc/shadow',
      '/etc/gshadow',
      '/home/deploy',
      '/home/deploy/.ssh',
      '/home/deploy/.ssh/authorized_keys',
    ])
  })

  it('who is there keeps what nobody asks to change', async () => {
    const request = create(
      { name: 'old', password: hash, shell: '/bin/zsh' },
      { name: 'root', ssh_authorized_keys: [key] },
    )
    const { tree } = await repaired({ ...files, '/root/.ssh/authorized_keys': 'other' }, request)
    expect(await tree.read('/etc/passwd')).toBe(
      'root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000:Old,,,:/home/old:/bin/zsh\n',
    )
    expect(await tree.read('/etc/shadow')).toBe(`root:*:19000:0:99999:7:::\nold:${hash}:19000:0:99999:7:::\n`)
    expect(await tree.read('/root/.ssh/authorized_keys')).toBe(`other\n${key}\n`)
  })

  it('a new one without a password is locked', async () => {
    const { tree } = await repaired(files, create({ name: 'app', uid: 4000 }))
    expect((await tree.read('/etc/shadow'))?.split('\n').at(-2)).toBe('app:!::0:99999:7:::')
    expect((await tree.read('/etc/passwd'))?.split('\n').at(-2)).toBe('app:x:4000:4000::/home/app:/bin/sh')
  })

  it.each([
    [{ name: 'old', uid: 5000 }, 'the guest has a user old with uid 1000, not 5000'],
    [{ name: 'new', uid: 1000 }, 'the guest has given uid 1000 to old'],
  ])('a conflict is refused: %j', async (user, summary) => {
    await expect(repaired(files, create(user))).rejects.toMatchObject({
      problems: [{ code: 'GUEST_CONFIGURATION_CONFLICT', summary }],
    })
  })
})
