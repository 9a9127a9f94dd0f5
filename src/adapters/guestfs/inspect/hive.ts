import { type Appliance, CallError } from '../appliance.ts'

/** A hive of Windows' registry. Keys are paths of names, whatever their case. */
export interface Hive {
  /** Undefined when there is no such value. */
  text(key: readonly string[], value: string): Promise<string | undefined>
  number(key: readonly string[], value: string): Promise<number | undefined>
  has(key: readonly string[], value?: string): Promise<boolean>
}

/** Opens a hive, reads from it and closes it; undefined when it is none. */
export async function withHive<T>(
  { call }: Appliance,
  path: string,
  read: (hive: Hive) => Promise<T>,
): Promise<T | undefined> {
  try {
    await call('hivex_open', [path])
  } catch (error) {
    if (error instanceof CallError) return undefined
    throw error
  }
  const node = async (key: readonly string[]): Promise<number | undefined> => {
    let at = await call<number>('hivex_root')
    for (const name of key) {
      at = await call<number>('hivex_node_get_child', [at, name])
      if (at === 0) return undefined
    }
    return at
  }
  const bytes = async (key: readonly string[], name: string): Promise<Buffer | undefined> => {
    const at = await node(key)
    const value = at === undefined ? 0 : await call<number>('hivex_node_get_value', [at, name])
    return value === 0 ? undefined : Buffer.from(await call<Uint8Array>('hivex_value_value', [value]))
  }
  try {
    return await read({
      // Strings of the registry are UTF-16 and end with a zero.
      text: async (key, name) => (await bytes(key, name))?.toString('utf16le').replace(/\0[\s\S]*$/, ''),
      async number(key, name) {
        const found = await bytes(key, name)
        return found?.length === 4 ? found.readUInt32LE() : undefined
      },
      has: async (key, name) =>
        name === undefined ? (await node(key)) !== undefined : (await bytes(key, name)) !== undefined,
    })
  } finally {
    await call('hivex_close')
  }
}
