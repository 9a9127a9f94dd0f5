import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Domain, domainXml } from '../../core/domain-xml.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { type FileIdentity, sameFile } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import { parseXml } from '../../core/xml.ts'
import type { Files } from '../../ports/files.ts'
import type { Work } from '../../ports/work.ts'

/** A machine's `domain.xml`. */
export interface DomainFile {
  readonly domain: FileIdentity
  readonly sha256: string
  readonly xml: string
}

/** Where a machine's `domain.xml` is. */
export function domainPath(directory: string): string {
  return join(directory, 'domain.xml')
}

/** Writes a machine's `domain.xml`, as libvirt takes it. */
export async function writeDomainFile(
  files: Files,
  directory: string,
  domain: Domain,
  work: Work,
): Promise<DomainFile> {
  const path = domainPath(directory)
  if (files.exists(path) && !work.owned(path)) {
    throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
  }
  const xml = domainXml(domain)
  refuseBroken(xml, path)
  const sha256 = createHash('sha256').update(xml).digest('hex')
  await work.intend(path, fingerprint(domain))
  work.progress(0)
  const file = await files.writeWhole(path, xml, work.signal)
  await work.made(path, { sha256 })
  return { domain: file, sha256, xml }
}

/** Why the file is no longer what was written. */
export function brokenFile(files: Files, domain: FileIdentity): string | undefined {
  const now = files.identities([domain.path])[0]
  return sameFile(domain, now) ? undefined : `${domain.path} ${now ? 'changed' : 'is missing'}`
}

// What libvirt would refuse must not count as published.
function refuseBroken(xml: string, path: string): void {
  const root = parseXml(xml, path)
  if (root.name === 'domain') return
  throw problem('RESULT_WRONG', `${path}: its root is <${root.name}> and not <domain>`)
}
