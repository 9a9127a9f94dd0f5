import type { ImageBytes } from './bytes.ts'
import { differencing, fault } from './faults.ts'

/** An extent as its line in a descriptor has it. */
export interface ExtentLine {
  /** Counted from 1. */
  readonly line: number
  readonly afterBlankLine: boolean
  readonly access: string
  readonly sectors: number
  readonly type: string
  /** As it is written, its bytes as Latin-1; undefined for extents without a file. */
  readonly file: string | undefined
  /** Where the extent begins in its file, in sectors. */
  readonly offsetSectors: number | undefined
}

export interface Descriptor {
  readonly createType: string
  readonly extents: readonly ExtentLine[]
}

/**
 * Parses a VMDK descriptor: comments, `name=value` and extents, one a line. `text` is its bytes as Latin-1, up to a NUL.
 * @throws ProblemError IMAGE_REFERS_OUTSIDE for a snapshot, IMAGE_UNSUPPORTED for one that is encrypted, IMAGE_CORRUPT
 */
export function parseDescriptor(image: ImageBytes, text: string): Descriptor {
  const lines = text.split('\n').map(trimmed)
  const settings = settingsIn(image, lines)
  const parents = settings.get('parentcid') ?? []
  // Also where a reader that only looks for the word would find it, such as in a comment.
  const hint = /parentFileNameHint(?:="([^"\n]*)")?/i.exec(text)
  if (hint !== null || parents.some((cid) => cid.toLowerCase() !== 'ffffffff')) throw differencing(image, hint?.[1])
  if (settings.has('encryptionkeys') || /vmwarevmcrypt/i.test(settings.get('ddb.iofilters')?.join() ?? '')) {
    throw fault(image, 'IMAGE_UNSUPPORTED', 'is encrypted by VMware', {
      hint: 'remove its encryption in VMware, then copy it again',
    })
  }
  const [createType, ...others] = new Set(settings.get('createtype'))
  if (createType === undefined || others.length > 0) {
    throw fault(
      image,
      'IMAGE_CORRUPT',
      `has a descriptor with ${others.length === 0 ? 'no' : 'more than one'} createType`,
    )
  }
  return { createType, extents: lines.flatMap((_, index) => extentIn(image, lines, index)) }
}

const extentStart = /^(?:rw|rdonly|noaccess)(?=[ \t\v\f\r]|$)/i
const extentLine = /^(RW|RDONLY|NOACCESS)[ \t]+(\d{1,15})[ \t]+([A-Z]+)(?:[ \t]+"([^"]*)"(?:[ \t]+(\d{1,15}))?)?$/

/** Names in lower case, with every value that they are given. */
function settingsIn(image: ImageBytes, lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>()
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#') || extentStart.test(line)) continue
    const equals = line.indexOf('=')
    const key = trimmed(line.slice(0, Math.max(0, equals))).toLowerCase()
    if (key === '' || key.includes('"')) {
      throw fault(image, 'IMAGE_CORRUPT', `has a descriptor whose line ${index + 1} is neither a setting nor an extent`)
    }
    const values = settings.get(key) ?? []
    settings.set(key, values)
    values.push(trimmed(line.slice(equals + 1)).replace(/^"(.*)"$/, '$1'))
  }
  return settings
}

/** Without the white space that C knows at both ends, in time linear in its length, which a pattern would not take. */
function trimmed(line: string): string {
  let [from, to] = [0, line.length]
  while (from < to && isBlank(line.charCodeAt(from))) from += 1
  while (to > from && isBlank(line.charCodeAt(to - 1))) to -= 1
  return line.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function extentIn(image: ImageBytes, lines: readonly string[], index: number): readonly ExtentLine[] {
  const line = lines[index] ?? ''
  if (!extentStart.test(line)) return []
  const [, access = '', sectors, type = '', file, offset] = extentLine.exec(line) ?? []
  if (sectors === undefined || Number(sectors) === 0) {
    throw fault(image, 'IMAGE_CORRUPT', `has a descriptor whose line ${index + 1} is no sound extent`)
  }
  return [
    {
      line: index + 1,
      afterBlankLine: lines[index - 1] === '',
      access,
      sectors: Number(sectors),
      type,
      file,
      offsetSectors: offset === undefined ? undefined : Number(offset),
    },
  ]
}
