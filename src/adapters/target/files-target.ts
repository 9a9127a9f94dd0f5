import { domainUuid } from '../../core/domain-xml.ts'
import type { Files } from '../../ports/files.ts'
import type { PublishFiles, TargetFor } from '../../ports/target.ts'
import { brokenFile, writeDomainFile } from './domain-file.ts'
import { fileRemains } from './remains.ts'

/** A folder with the disks and a `domain.xml` for `virsh define`; needs no daemon. */
export function filesTarget(files: Files): TargetFor<PublishFiles> {
  return {
    check: async () => [],
    async publish({ kind: _kind, directory, ...domain }, work) {
      const { xml: _xml, ...written } = await writeDomainFile(files, directory, domain, work)
      return { ...written, uuid: domainUuid(domain) }
    },
    remains: (artifact, signal) => fileRemains(artifact, files, signal),
    destroy: ({ path }, signal) => files.remove(path, signal),
    broken: async ({ domain }) => brokenFile(files, domain),
  }
}
