import { problem, problemsOf } from '../../core/problem.ts'
import type { GuestTree } from '../../ports/guest-tree.ts'
import { type Appliance, CallError } from './appliance.ts'

// A message to the appliance holds at most 4 MiB.
const pieceBytes = 2 * 1024 * 1024
const largestFile = 256 * 1024 * 1024

const fileType = 0o170000
const kinds: ReadonlyMap<number, 'file' | 'directory' | 'link'> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
])

// What a program says goes through a file: libguestfs hands on text only, and a program may say anything.
const outputFile = '/.h2k-output'
const keptBytes = 64 * 1024
const commandSeconds = 600
const runIn = `"$@" > ${outputFile} 2>&1 < /dev/null; echo "$?"`

interface Stat {
  readonly st_mode: number
  readonly st_size: number
}

/**
 * The files that are mounted in the appliance. Reads go by `pread`, which costs a millisecond where `read_file` costs a
 * hundred and more under software emulation.
 */
export function applianceTree({ call }: Appliance): GuestTree {
  const found = async <T>(answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof CallError && isMissing(error)) return undefined
      throw error
    }
  }
  const stat = (path: string) => found(call<Stat>('statns', [path]))
  const kind: GuestTree['kind'] = async (path) => {
    const about = await found(call<Stat>('lstatns', [path]))
    return about && (kinds.get(about.st_mode & fileType) ?? 'other')
  }
  const readBytes = async (path: string, from = 0): Promise<Uint8Array | undefined> => {
    const about = await stat(path)
    if (!about || kinds.get(about.st_mode & fileType) !== 'file') return undefined
    if (about.st_size - from > largestFile) {
      throw problem('GUEST_UNREADABLE', `${path} of the guest has ${about.st_size} bytes, more than h2k reads`)
    }
    const pieces: Uint8Array[] = []
    for (let offset = from; offset < about.st_size; ) {
      const piece = await call<Uint8Array>('pread', [path, pieceBytes, offset])
      if (piece.length === 0) break
      pieces.push(piece)
      offset += piece.length
    }
    return Buffer.concat(pieces)
  }
  return {
    kind,
    readBytes: (path) => readBytes(path),
    async read(path) {
      const bytes = await readBytes(path)
      return bytes && Buffer.from(bytes).toString('utf8')
    },
    async write(path, content, { mode } = {}) {
      const isNew = (await stat(path)) === undefined
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      await call('write', [path, bytes.subarray(0, pieceBytes)])
      for (let offset = pieceBytes; offset < bytes.length; offset += pieceBytes) {
        await call('write_append', [path, bytes.subarray(offset, offset + pieceBytes)])
      }
      if (isNew) await call('chmod', [mode ?? 0o644, path])
    },
    async list(folder) {
      return ((await found(call<string[]>('ls', [folder]))) ?? []).toSorted()
    },
    async glob(pattern) {
      return (await call<string[]>('glob_expand', [pattern], { options: { directoryslash: false } })).toSorted()
    },
    async remove(path) {
      const what = await kind(path)
      if (what !== undefined) await call(what === 'directory' ? 'rm_rf' : 'rm_f', [path])
    },
    rename: (from, to) => call('rename', [from, to]),
    async makeFolder(path, { mode } = {}) {
      const isNew = (await stat(path)) === undefined
      await call('mkdir_p', [path])
      if (isNew && mode !== undefined) await call('chmod', [mode, path])
    },
    link: (target, path) => call('ln_sf', [target, path]),
    async readLink(path) {
      try {
        return await found(call<string>('readlink', [path]))
      } catch (error) {
        if (error instanceof CallError && error.says('Invalid argument')) return undefined
        throw error
      }
    },
    async mode(path) {
      const about = await stat(path)
      return about && about.st_mode & 0o7777
    },
    async size(path) {
      return (await stat(path))?.st_size
    },
    setMode: (path, mode) => call('chmod', [mode, path]),
    setOwner: (path, uid, gid) => call('chown', [uid, gid, path]),
    async run(argv, { timeoutSeconds = commandSeconds } = {}) {
      try {
        const code = await call<string>('command', [['/bin/sh', '-c', runIn, 'sh', ...argv]], { timeoutSeconds })
        const size = (await stat(outputFile))?.st_size ?? 0
        const output = await readBytes(outputFile, Math.max(0, size - keptBytes))
        await call('rm_f', [outputFile])
        return { exitCode: Number(code.trim()), output: Buffer.from(output ?? []).toString('utf8') }
      } catch (error) {
        if (!problemsOf(error)?.some(({ code }) => code === 'TOOL_TIMEOUT')) throw error
        throw problem('GUEST_TIMEOUT', `${argv[0] ?? ''} in the guest took longer than ${timeoutSeconds} s`)
      }
    },
  }
}

function isMissing(error: CallError): boolean {
  return (
    error.says('No such file or directory') ||
    error.says('Not a directory') ||
    error.says('Too many levels of symbolic links')
  )
}
