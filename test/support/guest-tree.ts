import type { GuestCommandResult, GuestTree } from '../../src/ports/guest-tree.ts'

/** A file of a guest that is held in memory; text alone is a file of root's with mode 0644. */
export type MemoryFile =
  | string
  | {
      readonly content: string | Uint8Array
      readonly mode?: number
      readonly uid?: number
      readonly gid?: number
    }
  | { readonly linkTo: string }

export interface MemoryGuest extends GuestTree {
  /** Every program that was run, by its argv. */
  readonly ran: readonly (readonly string[])[]
  /** Every file as text, by its path; links as `-> TARGET`. */
  files(): Readonly<Record<string, string>>
  owner(path: string): string | undefined
}

/** Stands for a program of the guest: what it does to the files, and how it ends. Undefined when it is not that program. */
export type FakeProgram = (
  argv: readonly string[],
  tree: GuestTree,
) => Promise<Partial<GuestCommandResult> | undefined> | Partial<GuestCommandResult> | undefined

interface Entry {
  content: Uint8Array | { linkTo: string }
  mode: number
  uid: number
  gid: number
}

const encode = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

/**
 * The port on a map of files. Folders are what files lie in, and those that were made. A program that no fake stands for is
 * not there: it ends with 127.
 */
export function memoryGuest(files: Readonly<Record<string, MemoryFile>>, ...programs: FakeProgram[]): MemoryGuest {
  const entries = new Map<string, Entry>()
  const folders = new Set<string>(['/'])
  const ran: (readonly string[])[] = []
  const addParents = (path: string) => {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.add(path.slice(0, end))
  }
  const put = (path: string, content: Entry['content'], rest: Partial<Entry> = {}) => {
    addParents(path)
    entries.set(path, { mode: 0o644, uid: 0, gid: 0, ...rest, content })
  }
  for (const [path, file] of Object.entries(files)) {
    if (typeof file === 'string') put(path, encode(file))
    else if ('linkTo' in file) put(path, { linkTo: file.linkTo })
    else put(path, encode(file.content), { mode: file.mode ?? 0o644, uid: file.uid ?? 0, gid: file.gid ?? 0 })
  }

  /** Follows links, of folders too. */
  const real = (path: string, depth = 0): string => {
    if (depth > 40) return path
    const parts = path.split('/').filter(Boolean)
    for (let count = 1; count <= parts.length; count++) {
      const head = `/${parts.slice(0, count).join('/')}`
      const content = entries.get(head)?.content
      if (!content || content instanceof Uint8Array) continue
      const target = content.linkTo.startsWith('/')
        ? content.linkTo
        : `${head.slice(0, head.lastIndexOf('/'))}/${content.linkTo}`
      return real(normal([target, ...parts.slice(count)].join('/')), depth + 1)
    }
    return path
  }
  const fileAt = (path: string) => {
    const entry = entries.get(real(path))
    return entry?.content instanceof Uint8Array ? { ...entry, content: entry.content } : undefined
  }
  const missing = (path: string): never => {
    throw new Error(`${path}: No such file or directory`)
  }

  const tree: MemoryGuest = {
    ran,
    files() {
      const found = [...entries].map(([path, { content }]) => [
        path,
        content instanceof Uint8Array ? new TextDecoder().decode(content) : `-> ${content.linkTo}`,
      ])
      return Object.fromEntries(found.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))
    },
    owner(path) {
      const entry = entries.get(path)
      return entry && `${entry.uid}:${entry.gid}`
    },
    async read(path) {
      const file = fileAt(path)
      return file && new TextDecoder().decode(file.content)
    },
    readBytes: async (path) => fileAt(path)?.content,
    async write(path, content, options = {}) {
      const at = real(path)
      const old = entries.get(at)
      if (!folders.has(at.slice(0, at.lastIndexOf('/')) || '/')) missing(path)
      put(at, encode(content), old ?? { mode: options.mode ?? 0o644 })
    },
    async kind(path) {
      const own = real(path.slice(0, path.lastIndexOf('/')) || '/')
      const entry = entries.get(`${own === '/' ? '' : own}${path.slice(path.lastIndexOf('/'))}`)
      if (entry) return entry.content instanceof Uint8Array ? 'file' : 'link'
      return folders.has(real(path)) ? 'directory' : undefined
    },
    async list(folder) {
      const prefix = `${real(folder)}/`.replace('//', '/')
      const names = [...entries.keys(), ...folders]
        .filter((path) => path.startsWith(prefix) && path !== prefix)
        .map((path) => path.slice(prefix.length).split('/')[0] ?? '')
      return [...new Set(names)].filter(Boolean).sort()
    },
    async glob(pattern) {
      const source = pattern
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')
      const expression = new RegExp(`^${source}$`)
      return [...entries.keys(), ...folders].filter((path) => expression.test(path)).sort()
    },
    async remove(path) {
      for (const key of [...entries.keys()]) if (key === path || key.startsWith(`${path}/`)) entries.delete(key)
      for (const key of [...folders]) if (key === path || key.startsWith(`${path}/`)) folders.delete(key)
    },
    async rename(from, to) {
      const entry = entries.get(from) ?? missing(from)
      entries.delete(from)
      addParents(to)
      entries.set(to, entry)
    },
    async makeFolder(path) {
      addParents(`${real(path)}/x`)
    },
    link: async (target, path) => put(path, { linkTo: target }),
    async readLink(path) {
      const content = entries.get(path)?.content
      return content && !(content instanceof Uint8Array) ? content.linkTo : undefined
    },
    mode: async (path) => entries.get(real(path))?.mode ?? (folders.has(path) ? 0o755 : undefined),
    size: async (path) => fileAt(path)?.content.length,
    async setMode(path, mode) {
      const entry = entries.get(real(path))
      if (entry) entry.mode = mode
      else if (!folders.has(path)) missing(path)
    },
    async setOwner(path, uid, gid) {
      const entry = entries.get(real(path))
      if (entry) Object.assign(entry, { uid, gid })
      else if (!folders.has(path)) missing(path)
    },
    async run(argv) {
      ran.push(argv)
      for (const program of programs) {
        const result = await program(argv, tree)
        if (result) return { exitCode: 0, output: '', ...result }
      }
      return { exitCode: 127, output: `${argv[0]}: not found` }
    },
  }
  return tree
}

function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
