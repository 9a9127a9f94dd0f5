import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Json } from '../../core/json.ts'
import type { ParseCache } from '../../ports/workspace-files.ts'

const maxEntries = 100_000

/**
 * Keeps parsed files by their content's hash in one JSON file. A cache that cannot be read or written costs time and
 * nothing else, so neither is an error.
 */
export function createParseCache(path: string): ParseCache {
  const known = load(path)
  const used = new Map<string, Json>()
  let changed = false
  return {
    get(key) {
      const value = used.get(key) ?? known.get(key)
      if (value !== undefined) used.set(key, value)
      return value
    },
    set(key, value) {
      used.set(key, value)
      changed = true
    },
    async save() {
      if (!changed) return
      try {
        await mkdir(dirname(path), { recursive: true })
        const partial = `${path}.${process.pid}`
        const kept = new Map([...known, ...used])
        // Manifests may hold hashes of passwords.
        await writeFile(partial, JSON.stringify([...kept].slice(-maxEntries)), { mode: 0o600 })
        await rename(partial, path)
        changed = false
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? ''
        if (!['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'ENOTDIR'].includes(code)) throw error
      }
    },
  }
}

function load(path: string): Map<string, Json> {
  try {
    return new Map(JSON.parse(readFileSync(path, 'utf8')) as [string, Json][])
  } catch {
    return new Map()
  }
}
