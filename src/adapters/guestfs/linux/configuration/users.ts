import type { GuestConfiguration } from '../../../../core/language/guest-configuration.ts'
import { problem } from '../../../../core/problem.ts'
import type { GuestTree } from '../../../../ports/guest-tree.ts'
import { type Edit, type Guest, type Repair, rewritten } from '../repair.ts'
import { accountsOf, fieldsOf, freeId, withLine, withMember } from './accounts.ts'
import { authorizedKeys, homeFolder } from './home.ts'

type User = NonNullable<NonNullable<GuestConfiguration['users']>['create']>[number]

interface Tables {
  passwd: string
  shadow: string
  group: string
  /** Where a system has it. */
  gshadow: string | undefined
}

const paths = { passwd: '/etc/passwd', shadow: '/etc/shadow', group: '/etc/group', gshadow: '/etc/gshadow' } as const

/**
 * Users by the files that hold them: `useradd` differs between systems, and would be given the hash of the password as an
 * argument. Who is there already keeps what the manifest does not say.
 */
export const users: Repair = {
  name: 'users',
  async detect({ tree, request }) {
    const wanted = request.configuration?.users?.create ?? []
    if (wanted.length === 0) return []
    const before = await readTables(tree)
    const tables = { ...before }
    const [firstUid, firstGid] = await firstIds(tree)
    for (const user of wanted) putUser(tables, user, firstUid, firstGid)
    const names = wanted.map(({ name }) => name).join(', ')
    const homes: Edit[] = []
    for (const user of wanted) {
      const account = accountsOf(tables.passwd).find(({ name }) => name === user.name)
      if (!account) continue
      const isNew = !fieldsOf(before.passwd, user.name)
      const needsHome = isNew || (user.ssh_authorized_keys ?? []).length > 0
      homes.push(...(needsHome ? await homeFolder(tree, account) : []), ...(await authorizedKeys(tree, account, user)))
    }
    const secret = (
      path: string,
      from: string | undefined,
      to: string | undefined,
      summary: string,
    ): readonly Edit[] =>
      to === undefined
        ? []
        : rewritten(path, from ?? '', to, summary).map((edit) => ({ ...edit, secret: true, mode: 0o600 }))
    return [
      ...rewritten(paths.passwd, before.passwd, tables.passwd, names),
      ...rewritten(paths.group, before.group, tables.group, `groups of ${names}`),
      ...secret(paths.shadow, before.shadow, tables.shadow, `passwords of ${names}`),
      ...secret(paths.gshadow, before.gshadow, tables.gshadow, `groups of ${names}`),
      ...homes,
    ]
  },
}

async function readTables(tree: GuestTree): Promise<Tables> {
  const read = async (path: string) => (await tree.read(path)) ?? ''
  return {
    passwd: await read(paths.passwd),
    shadow: await read(paths.shadow),
    group: await read(paths.group),
    gshadow: await tree.read(paths.gshadow),
  }
}

// login.defs(5)
async function firstIds(tree: Guest['tree']): Promise<readonly [number, number]> {
  const defs = (await tree.read('/etc/login.defs')) ?? ''
  const value = (key: string) => Number(new RegExp(`^${key}\\s+(\\d+)`, 'm').exec(defs)?.[1] ?? 1000)
  return [value('UID_MIN'), value('GID_MIN')]
}

function putUser(tables: Tables, user: User, firstUid: number, firstGid: number): void {
  const { name } = user
  const old = fieldsOf(tables.passwd, name)
  if (old && user.uid !== undefined && Number(old[2]) !== user.uid) {
    throw problem('GUEST_CONFIGURATION_CONFLICT', `the guest has a user ${name} with uid ${old[2]}, not ${user.uid}`, {
      hint: `remove uid from configuration.users of ${name}, or give it the name of another user`,
    })
  }
  const holder = old ? undefined : accountsOf(tables.passwd).find(({ uid }) => uid === user.uid)
  if (holder) {
    throw problem('GUEST_CONFIGURATION_CONFLICT', `the guest has given uid ${user.uid} to ${holder.name}`, {
      hint: `give ${name} another uid in configuration.users`,
    })
  }
  if (old) {
    if (user.shell !== undefined) tables.passwd = withLine(tables.passwd, name, old.with(6, user.shell))
  } else {
    const hasGid = (id: number) => tables.group.split('\n').some((line) => Number(line.split(':')[2]) === id)
    // A group of the same id, as useradd gives: then the lowest id that is free as both.
    const uid = user.uid ?? freeId(tables.passwd, firstUid, hasGid)
    const gid = fieldsOf(tables.group, name)?.[2] ?? (hasGid(uid) ? freeId(tables.group, firstGid) : uid)
    putGroup(tables, name, Number(gid))
    const shell = user.shell ?? '/bin/sh'
    tables.passwd = withLine(tables.passwd, name, [name, 'x', uid, gid, '', `/home/${name}`, shell])
  }
  for (const group of user.groups ?? []) {
    putGroup(tables, group, freeId(tables.group, firstGid))
    tables.group = withMember(tables.group, group, name)
    if (tables.gshadow !== undefined) tables.gshadow = withMember(tables.gshadow, group, name)
  }
  putPassword(tables, user)
}

function putGroup(tables: Tables, name: string, gid: number): void {
  if (fieldsOf(tables.group, name)) return
  tables.group = withLine(tables.group, name, [name, 'x', gid, ''])
  if (tables.gshadow !== undefined) tables.gshadow = withLine(tables.gshadow, name, [name, '!', '', ''])
}

// shadow(5): who has no password yet is locked, and the day of the change is left open, so that it never has to be changed.
function putPassword(tables: Tables, { name, password }: User): void {
  const old = fieldsOf(tables.shadow, name)
  if (old && password === undefined) return
  const rest = old?.slice(2) ?? ['', '0', '99999', '7', '', '', '']
  tables.shadow = withLine(tables.shadow, name, [name, password ?? '!', ...rest])
}
