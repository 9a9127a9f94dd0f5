import { domainUuid } from '../../core/domain-xml.ts'
import type { PublishFiles, TargetFor } from '../../ports/target.ts'
import { type DomainFileMeans, driftOfFile, writeDomainFile } from './domain-file.ts'
import { fileRemains } from './remains.ts'

/** A folder with the disks and a `domain.xml` for `virsh define`; needs no daemon. */
export function filesTarget(means: DomainFileMeans): TargetFor<PublishFiles> {
  const { files } = means
  return {
    check: async () => [],
    foresee: async () => ({ problems: [], places: new Map() }),
    async publish({ kind: _kind, directory, ...domain }, work) {
      const { xml: _xml, ...written } = await writeDomainFile(means, directory, domain, work)
      return { ...written, uuid: domainUuid(domain) }
    },
    remains: (artifact, signal) => fileRemains(artifact, files, signal),
    destroy: ({ path }, signal) => files.remove(path, signal),
    drift: async ({ domain }) => [driftOfFile(files, domain)],
  }
}
