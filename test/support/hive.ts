import type { Appliance } from '../../src/adapters/guestfs/appliance.ts'

// https://github.com/msuhanov/regf/blob/master/Windows%20registry%20file%20format%20specification.md
const block = 4096
const none = 0xffff_ffff
const rootAt = 0x20
const securityAt = 0xa0

/** A hive of the registry with nothing but its root. */
function emptyHive(): Buffer {
  const hive = Buffer.alloc(2 * block)
  hive.write('regf', 0, 'latin1')
  const header = { 4: 1, 8: 1, 20: 1, 24: 5, 32: 1, 36: rootAt, 40: block, 44: 1 }
  for (const [at, value] of Object.entries(header)) hive.writeUInt32LE(value, Number(at))
  let checksum = 0
  for (let at = 0; at < 508; at += 4) checksum ^= hive.readUInt32LE(at)
  hive.writeUInt32LE(checksum >>> 0, 508)

  const bin = hive.subarray(block)
  bin.write('hbin', 0, 'latin1')
  bin.writeUInt32LE(block, 8)
  // A cell begins with its size, negative while it is in use.
  const cell = (at: number, end: number, used: boolean) => bin.writeInt32LE(used ? at - end : end - at, at)
  cell(rootAt, securityAt, true)
  const root = bin.subarray(rootAt + 4)
  root.write('nk', 0, 'latin1')
  root.writeUInt16LE(0x2c, 2)
  for (const at of [28, 32, 40, 48]) root.writeUInt32LE(none, at)
  root.writeUInt32LE(securityAt, 44)
  root.writeUInt16LE(4, 72)
  root.write('ROOT', 76, 'latin1')
  cell(securityAt, 0xe0, true)
  const security = bin.subarray(securityAt + 4)
  security.write('sk', 0, 'latin1')
  for (const [at, value] of Object.entries({ 4: securityAt, 8: securityAt, 12: 1, 16: 20, 20: 0x8000_0001 }))
    security.writeUInt32LE(value, Number(at))
  cell(0xe0, block, false)
  return hive
}

/** Values by their names, keys by paths of names with `\` between them. A number is a DWORD. */
export type Keys = Readonly<Record<string, Readonly<Record<string, string | number>>>>

/** Writes a hive into the mounted guest. */
export async function writeHive({ call }: Pick<Appliance, 'call'>, path: string, keys: Keys): Promise<void> {
  await call('write', [path, emptyHive()])
  await call('hivex_open', [path], { options: { write: true } })
  for (const [key, values] of Object.entries(keys)) {
    let node = await call<number>('hivex_root')
    for (const name of key.split('\\')) {
      const child = await call<number>('hivex_node_get_child', [node, name])
      node = child === 0 ? await call<number>('hivex_node_add_child', [node, name]) : child
    }
    for (const [name, value] of Object.entries(values)) {
      const [type, bytes] = typeof value === 'string' ? [1, Buffer.from(`${value}\0`, 'utf16le')] : [4, Buffer.alloc(4)]
      if (typeof value === 'number') bytes.writeUInt32LE(value)
      await call('hivex_node_set_value', [node, name, type, bytes])
    }
  }
  await call('hivex_commit', [null])
  await call('hivex_close')
}
