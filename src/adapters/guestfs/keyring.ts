import { readFile } from 'node:fs/promises'
import type { LuksKey } from '../../core/machine.ts'
import { problem } from '../../core/problem.ts'

/** A key that was read, for the device that it names, or for any. */
export interface Key {
  readonly device?: string
  readonly secret: string
}

/** A guest's keys. What opened a device is known from then on: to try a key takes a guest's processor seconds. */
export interface Keyring {
  /** Those to try on a device, in their order. */
  fittingOf(device: string, uuid: string | undefined): readonly Key[]
  opened(device: string, key: Key): void
}

/**
 * Reads all keys.
 * @throws ProblemError GUEST_KEY_MISSING
 */
export async function readKeyring(keys: readonly LuksKey[]): Promise<Keyring> {
  const read: Key[] = []
  for (const key of keys) {
    const secret = await readKey(key)
    read.push(key.device === undefined ? { secret } : { device: key.device, secret })
  }
  const known = new Map<string, Key>()
  return {
    fittingOf(device, uuid) {
      const key = known.get(device)
      if (key) return [key]
      return read.filter((one) => one.device === undefined || [device, `UUID=${uuid}`].includes(one.device))
    },
    opened: (device, key) => known.set(device, key),
  }
}

// As people write a passphrase into a file: the end of the line is none of it.
async function readKey({ from }: LuksKey): Promise<string> {
  if ('env' in from) {
    const value = process.env[from.env]
    if (value) return value
    throw problem('GUEST_KEY_MISSING', `the variable ${from.env} is not set`, { hint: `export ${from.env}=…` })
  }
  try {
    return (await readFile(from.file, 'utf8')).replace(/\r?\n$/, '')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw problem('GUEST_KEY_MISSING', `the key file ${from.file} cannot be read: ${why}`)
  }
}
