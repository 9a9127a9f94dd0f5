import type { FileHandle } from 'node:fs/promises'

// ECMA-119, and Joliet, whose names are UTF-16: https://wiki.osdev.org/ISO_9660
const sectorBytes = 2048
const firstDescriptor = 16
const mostDescriptors = 64
const joliet = ['%/@', '%/C', '%/E']
const mostFiles = 50_000
const mostFolderBytes = 4 * 1024 * 1024
const deepest = 16

interface Folder {
  readonly sector: number
  readonly bytes: number
}

/** The paths of all files on an ISO 9660, without a leading slash; undefined when it is none, or a damaged one. */
export async function isoPaths(file: FileHandle): Promise<readonly string[] | undefined> {
  const volume = await readVolume(file)
  if (!volume) return undefined
  const paths: string[] = []
  const seen = new Set<number>()
  const walk = async (folder: Folder, prefix: string, depth: number): Promise<boolean> => {
    if (depth > deepest || folder.bytes > mostFolderBytes || seen.has(folder.sector)) return false
    seen.add(folder.sector)
    const bytes = await readAt(file, folder.sector * sectorBytes, folder.bytes)
    if (!bytes) return false
    for (const { name, isFolder, ...at } of records(bytes, volume.joliet)) {
      if (isFolder && !(await walk(at, `${prefix}${name}/`, depth + 1))) return false
      if (!isFolder && paths.push(`${prefix}${name}`) > mostFiles) return false
    }
    return true
  }
  return (await walk(volume.root, '', 0)) ? paths : undefined
}

async function readVolume(file: FileHandle): Promise<{ root: Folder; joliet: boolean } | undefined> {
  let primary: Folder | undefined
  for (let index = 0; index < mostDescriptors; index++) {
    const sector = await readAt(file, (firstDescriptor + index) * sectorBytes, sectorBytes)
    if (sector?.toString('latin1', 1, 6) !== 'CD001' || sector[0] === 255) break
    const root = { sector: sector.readUInt32LE(156 + 2), bytes: sector.readUInt32LE(156 + 10) }
    if (sector[0] === 2 && joliet.includes(sector.toString('latin1', 88, 91))) return { root, joliet: true }
    if (sector[0] === 1) primary = root
  }
  return primary && { root: primary, joliet: false }
}

function* records(folder: Buffer, isJoliet: boolean) {
  for (let at = 0; at + 34 <= folder.length; ) {
    const length = folder[at] ?? 0
    if (length === 0) {
      // Records do not go over the end of a sector.
      at = (Math.floor(at / sectorBytes) + 1) * sectorBytes
      continue
    }
    if (length < 34 || at + length > folder.length) return
    const name = folder.subarray(at + 33, at + 33 + (folder[at + 32] ?? 0))
    // The folder itself and the one above it.
    const isDots = name.length === 1 && (name[0] ?? 0) <= 1
    if (!isDots) {
      const text = isJoliet
        ? Buffer.from(name)
            .subarray(0, name.length & ~1)
            .swap16()
            .toString('utf16le')
        : name.toString('latin1')
      yield {
        name: text.replace(/\.?;\d+$/, ''),
        isFolder: ((folder[at + 25] ?? 0) & 2) !== 0,
        sector: folder.readUInt32LE(at + 2),
        bytes: folder.readUInt32LE(at + 10),
      }
    }
    at += length
  }
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset)
  return bytesRead === bytes ? buffer : undefined
}
