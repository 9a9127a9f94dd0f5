import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const name = /^h2k-boot-(\d+)-\w{6}$/

/**
 * A new folder for the sockets of a trial: only its owner may talk to QEMU, and the path of a socket has to be short. Those that
 * runs left which were killed go.
 */
export async function socketFolder(parent = tmpdir()): Promise<string> {
  for (const entry of await readdir(parent)) {
    const pid = name.exec(entry)?.[1]
    if (pid !== undefined && !exists(Number(pid))) await removeOwn(join(parent, entry))
  }
  return await mkdtemp(join(parent, `h2k-boot-${process.pid}-`))
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

async function removeOwn(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    // Another user's run left it.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw error
  }
}
