import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { domainUuid, domainXml } from '../../core/domain-xml.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { problem } from '../../core/problem.ts'
import { parseXml } from '../../core/xml.ts'
import type { Files } from '../../ports/files.ts'
import type { Target } from '../../ports/target.ts'
import { fileRemains } from './remains.ts'

/** A folder with the disks and a `domain.xml` for `virsh define`; needs no daemon. */
export function filesTarget(files: Files): Target {
  const domainPath = (directory: string) => join(directory, 'domain.xml')
  return {
    kind: 'files',
    paths: ({ directory }) => [domainPath(directory)],
    async publish(input, work) {
      const path = domainPath(input.directory)
      if (files.exists(path) && !work.owned(path)) {
        throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
      }
      const xml = domainXml(input)
      refuseBroken(xml, path)
      const sha256 = createHash('sha256').update(xml).digest('hex')
      await work.intend(path, fingerprint(input))
      work.progress(0)
      const domain = await files.writeWhole(path, xml, work.signal)
      await work.made(path, { sha256 })
      return { domain, sha256, uuid: domainUuid(input) }
    },
    remains: (artifact, signal) => fileRemains(artifact, files, signal),
    destroy: ({ path }, signal) => files.remove(path, signal),
  }
}

// What libvirt would refuse must not count as published.
function refuseBroken(xml: string, path: string): void {
  const root = parseXml(xml, path)
  if (root.name === 'domain') return
  throw problem('RESULT_WRONG', `${path}: its root is <${root.name}> and not <domain>`)
}
