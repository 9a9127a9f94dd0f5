import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { validateDomain } from '../../core/domain-validators/table.ts'
import { type Domain, domainXml } from '../../core/domain-xml.ts'
import type { DriftFinding } from '../../core/drift.ts'
import { findingOf, refuseWrong } from '../../core/finding.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { type FileIdentity, sameFile } from '../../core/image.ts'
import type { Finding } from '../../core/outputs.ts'
import { problem } from '../../core/problem.ts'
import type { Files } from '../../ports/files.ts'
import type { Work } from '../../ports/work.ts'

const fileName = 'domain.xml'
const exists = { id: 'xml_exists', severity: 'critical', hint: 'apply again' } as const

/** A machine's `domain.xml`. */
export interface DomainFile {
  readonly domain: FileIdentity
  readonly sha256: string
  readonly xml: string
  readonly findings: readonly Finding[]
}

/** Where a machine's `domain.xml` is. */
export function domainPath(directory: string): string {
  return join(directory, fileName)
}

/** What `domain.xml` is written and looked at with. */
export interface DomainFileMeans {
  readonly files: Files
  /** Whether it fits the schemas of the libvirt that is installed here. */
  checkSchema(path: string, signal: AbortSignal): Promise<Finding>
}

/**
 * Writes a machine's `domain.xml`, and looks at it before anybody takes it for published.
 * @throws ProblemError RESULT_WRONG, OUTPUT_NOT_OURS
 */
export async function writeDomainFile(
  { files, checkSchema }: DomainFileMeans,
  directory: string,
  domain: Domain,
  work: Work,
): Promise<DomainFile> {
  const path = domainPath(directory)
  if (files.exists(path) && !work.owned(path)) {
    throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
  }
  const xml = domainXml(domain)
  const read = validateDomain(xml, fileName)
  refuseWrong(read, 'domain')
  const sha256 = createHash('sha256').update(xml).digest('hex')
  await work.intend(path, fingerprint(domain))
  work.progress(0)
  const file = await files.writeWhole(path, xml, work.signal)
  await work.made(path, { sha256 })
  const written = findingOf(exists, fileName, { ok: files.exists(path), evidence: `${file.bytes} bytes` })
  const findings = [written, ...read, { ...(await checkSchema(path, work.signal)), subject: fileName }]
  refuseWrong(findings, 'domain')
  return { domain: file, sha256, xml, findings }
}

/** A machine's `domain.xml` that is there already, or is not. */
export interface FoundDomainFile {
  /** As something else where it is not what would be written, so that it is written. */
  readonly domain: FileIdentity
  readonly sha256: string
  readonly findings: readonly Finding[]
  readonly artifacts: readonly { readonly path: string; readonly evidence: { readonly sha256: string } }[]
  readonly differences: readonly string[]
}

/** Looks for a machine's `domain.xml`; it is as it should be when it is one of `wanted`. */
export async function findDomainFile(
  files: Pick<Files, 'identities' | 'digest'>,
  directory: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<FoundDomainFile> {
  const path = domainPath(directory)
  const digests = wanted.map((xml) => createHash('sha256').update(xml).digest('hex'))
  const [file] = files.identities([path])
  const other = { path, bytes: 0, modified: '0' }
  const [first = ''] = digests
  const findings = [imported]
  if (!file) return { domain: other, sha256: first, findings, artifacts: [], differences: [`${path} is missing`] }
  const sha256 = await files.digest({ path }, 'sha256', signal)
  const artifacts = [{ path, evidence: { sha256 } }]
  if (digests.includes(sha256)) return { domain: file, sha256, findings, artifacts, differences: [] }
  return { domain: other, sha256: first, findings, artifacts, differences: [`${path} is written anew`] }
}

const imported: Finding = {
  rule: 'imported',
  severity: 'info',
  subject: fileName,
  evidence: 'it was there before the state knew it',
}

/** Whether the file is still what was written. */
export function driftOfFile(files: Files, domain: FileIdentity): DriftFinding {
  const [now] = files.identities([domain.path])
  const about = { kind: 'file', subject: domain.path } as const
  if (!now) return { ...about, status: 'Missing', detail: 'is missing' }
  return sameFile(domain, now) ? { ...about, status: 'Synced' } : { ...about, status: 'OutOfSync', detail: 'changed' }
}
