import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileIdentity } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import { identities } from './identity.ts'
import { unwritable } from './unwritable.ts'
import { flush, refuseLink } from './write-whole.ts'

/** Gives a file another name; undefined where that is on another file system. */
export async function renameWhole(from: string, to: string): Promise<FileIdentity | undefined> {
  try {
    await mkdir(dirname(to), { recursive: true })
    refuseLink(to)
    await rename(from, to)
    await flush(dirname(to))
    await flush(dirname(from))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EXDEV') return undefined
    throw unwritable(error, to)
  }
  const [identity] = identities([to])
  if (!identity) throw problem('RESULT_WRONG', `${to} vanished just after it was moved there`)
  return identity
}
