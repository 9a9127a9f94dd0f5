import { domainUuid, domainXml } from '../../core/domain-xml.ts'
import type { PublishFiles, TargetFor } from '../../ports/target.ts'
import { type DomainFileMeans, driftOfFile, findDomainFile, writeDomainFile } from './domain-file.ts'
import { fileRemains } from './remains.ts'

/** A folder with the disks and a `domain.xml` for `virsh define`; needs no daemon. */
export function filesTarget(means: DomainFileMeans): TargetFor<PublishFiles> {
  const { files } = means
  return {
    check: async () => [],
    foresee: async () => ({ problems: [], places: new Map() }),
    async find({ kind: _kind, directory, ...domain }, _options, signal) {
      const found = await findDomainFile(files, directory, [domainXml(domain)], signal)
      const { artifacts, differences, ...file } = found
      return { published: { ...file, uuid: domainUuid(domain) }, artifacts, differences }
    },
    async publish({ kind: _kind, directory, ...domain }, work) {
      const { xml: _xml, ...written } = await writeDomainFile(means, directory, domain, work)
      return { ...written, uuid: domainUuid(domain) }
    },
    sight: () => ({
      remains: (artifact, signal) => fileRemains(artifact, files, signal),
      destroy: ({ path }, signal) => files.remove(path, signal),
    }),
    drift: async ({ domain }) => [driftOfFile(files, domain)],
  }
}
