import { type Place, problem } from '../../core/problem.ts'

/**
 * A name out of an archive, a manifest or a descriptor, without a leading `./`.
 * @throws ProblemError ARCHIVE_HOSTILE for whatever could lead out of its folder or hides what it is
 */
export function relativeName(written: string, at: Place): string {
  const name = written.replace(/^\.\/(?=.)/, '')
  const fault = faultOf(name)
  if (fault === undefined) return name
  throw problem('ARCHIVE_HOSTILE', `${at.file} names the file ${JSON.stringify(written)}, which ${fault}`, {
    hint: 'export the machine again, from a source that you trust',
    at,
  })
}

/**
 * A `File@href` of a descriptor as it is written: the name of a file beside the descriptor.
 * @throws ProblemError ARCHIVE_HOSTILE as above, also for what percent-encoding hides; OVF_UNSUPPORTED for a subfolder
 */
export function hrefName(written: string, at: Place): string {
  const name = relativeName(written, at)
  // Encoded twice is decoded twice: what a second reader would see must be harmless too.
  for (let decoded = percentDecoded(name), was = name; decoded !== was; was = decoded, decoded = percentDecoded(was)) {
    relativeName(decoded, at)
  }
  if (/%(?:2e|2f|5c|00)/i.test(name)) {
    throw problem(
      'ARCHIVE_HOSTILE',
      `${at.file} names the file ${JSON.stringify(written)}, which hides dots or slashes`,
      { at },
    )
  }
  if (name.includes('/')) {
    throw problem('OVF_UNSUPPORTED', `${at.file} names ${JSON.stringify(written)}, a file in another folder`, {
      hint: 'move it beside the .ovf file and change its href to the plain name',
      at,
    })
  }
  return written
}

/** The one that an href names: literally, else percent-decoded, since an href is a URI reference (RFC 3986). */
export function findNamed<T extends { readonly name: string }>(entries: readonly T[], href: string): T | undefined {
  const name = href.replace(/^\.\/(?=.)/, '')
  return entries.find((entry) => entry.name === name) ?? entries.find((entry) => entry.name === percentDecoded(name))
}

/** Equal for names that a file system without case, or with composed letters, takes for one. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

function faultOf(name: string): string | undefined {
  const parts = name.split('/')
  if (name === '') return 'is empty'
  if (Buffer.byteLength(name) > 255) return 'is longer than 255 bytes'
  if (/[\0-\x1f\x7f-\x9f]/.test(name)) return 'has control characters'
  if (name.includes('\\')) return 'has a backslash'
  if (name.startsWith('/')) return 'is absolute'
  if (/^[a-z][a-z0-9+.-]*:/i.test(name)) return 'is a URL'
  if (parts.includes('..') || parts.includes('.')) return 'leads out of its folder'
  if (parts.includes('')) return 'has an empty part'
  return undefined
}

/** Without percent-encoding, whatever is written. */
export function percentDecoded(name: string): string {
  // Byte by byte where it is not valid UTF-8 as a whole, so that one odd `%` hides nothing.
  try {
    return decodeURIComponent(name)
  } catch {
    return name.replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
}
