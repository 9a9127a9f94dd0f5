import { problem } from '../../core/problem.ts'
import { relativeName } from './names.ts'

export type Algorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** What a manifest says of a file. */
export interface FileDigest {
  readonly name: string
  readonly algorithm: Algorithm
  /** Lower case. */
  readonly hex: string
  /** Of the manifest, from 1. */
  readonly line: number
}

export const digestsLimitBytes = 1024 * 1024

const lengths: Readonly<Record<Algorithm, number>> = { sha1: 40, sha256: 64, sha384: 96, sha512: 128 }

/**
 * Reads the manifest of an export (`.mf`): `SHA256(disk1.vmdk)= 1a2b…` (DSP0243 6.2, OpenSSL's format), the same with
 * spaces or as `SHA2-256`, and `1a2b…  disk1.vmdk` as sha256sum prints it.
 * @throws ProblemError ARCHIVE_CORRUPT for a line that is none of these or contradicts another; ARCHIVE_HOSTILE for a name
 */
export function parseDigests(text: string, file: string): readonly FileDigest[] {
  const digests = new Map<string, FileDigest>()
  for (const [index, written] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const line = written.trim()
    if (line === '' || line.startsWith('#')) continue
    const at = { file, line: index + 1 }
    const read = readLine(line)
    if (read === undefined) {
      throw problem(
        'ARCHIVE_CORRUPT',
        `${file} has a line that is no SHA digest: ${JSON.stringify(line.slice(0, 120))}`,
        {
          hint: 'export the machine again, with --shaAlgorithm=SHA256',
          at,
        },
      )
    }
    const digest = { ...read, name: relativeName(read.name, at), line: at.line }
    const key = `${digest.algorithm} ${digest.name}`
    if ((digests.get(key)?.hex ?? digest.hex) !== digest.hex) {
      throw problem('ARCHIVE_CORRUPT', `${file} has two different digests of ${digest.name}`, { at })
    }
    digests.set(key, digest)
  }
  return [...digests.values()]
}

function readLine(line: string): Pick<FileDigest, 'name' | 'algorithm' | 'hex'> | undefined {
  const tagged = /^sha-?(?:2-)?(1|256|384|512) ?\((.+)\) ?= ?([0-9a-f]+)$/i.exec(line)
  const plain = /^([0-9a-f]{40,128}) [ *](.+)$/i.exec(line)
  const name = tagged?.[2] ?? plain?.[2]
  const hex = (tagged?.[3] ?? plain?.[1])?.toLowerCase()
  const algorithm = tagged
    ? algorithmOf((each) => each === `sha${tagged[1]}`)
    : algorithmOf((each) => lengths[each] === hex?.length)
  if (name === undefined || hex === undefined || algorithm === undefined) return undefined
  return hex.length === lengths[algorithm] ? { name, algorithm, hex } : undefined
}

function algorithmOf(fits: (algorithm: Algorithm) => boolean): Algorithm | undefined {
  const all: readonly Algorithm[] = ['sha1', 'sha256', 'sha384', 'sha512']
  return all.find(fits)
}
