import { writeSync } from 'node:fs'

/** Writes all of `bytes` from `offset` of a file on. @returns the bytes, for who hashes them too */
export function writeAt(fd: number, bytes: Buffer, offset: number): Buffer {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, offset + done)
  }
  return bytes
}
