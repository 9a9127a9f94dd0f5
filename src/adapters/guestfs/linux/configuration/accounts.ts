/** A line of passwd(5). */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/** The accounts of passwd(5), in their order. */
export function accountsOf(passwd: string): readonly Account[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(':')
    return name && home !== undefined ? [{ name, uid: Number(uid), gid: Number(gid), home }] : []
  })
}

/** The line of a name in a table such as passwd(5), split in its fields. */
export function fieldsOf(table: string, name: string): readonly string[] | undefined {
  const line = table.split('\n').find((one) => one.startsWith(`${name}:`))
  return line?.split(':')
}

/** A table in which the line of a name is this one, at the end where there was none. */
export function withLine(table: string, name: string, fields: readonly (string | number)[]): string {
  const line = fields.join(':')
  const lines = table.replace(/\n$/, '').split('\n')
  if (table === '') return `${line}\n`
  const index = lines.findIndex((one) => one.startsWith(`${name}:`))
  return `${(index < 0 ? [...lines, line] : lines.with(index, line)).join('\n')}\n`
}

/** The lowest id from `first` on that no line has in its third field. */
export function freeId(table: string, first: number, taken: (id: number) => boolean = () => false): number {
  const used = new Set(table.split('\n').map((line) => Number(line.split(':')[2])))
  let id = first
  while (used.has(id) || taken(id)) id++
  return id
}

/** A group with one more member. group(5), gshadow(5): the members stand last. */
export function withMember(table: string, group: string, member: string): string {
  const fields = fieldsOf(table, group)
  if (!fields) return table
  const members = (fields.at(-1) ?? '').split(',').filter(Boolean)
  return members.includes(member)
    ? table
    : withLine(table, group, [...fields.slice(0, -1), [...members, member].join(',')])
}
