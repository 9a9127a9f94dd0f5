import { closeSync, constants, openSync, readSync } from 'node:fs'

/** The first bytes of a file as text; undefined when it is not there, or no plain file that may be read. */
export function beginning(path: string, bytes: number): string | undefined {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.subarray(0, readSync(file, buffer)).toString('utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  } finally {
    closeSync(file)
  }
}
