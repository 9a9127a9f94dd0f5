import type { Artifact } from '../../core/record.ts'
import type { PublishDomain, PublishFiles, Target, TargetFor } from '../../ports/target.ts'
import { domainPath } from './domain-file.ts'

/** Each kind of machine to its target. */
export function createTarget(
  files: TargetFor<PublishFiles>,
  libvirt: TargetFor<PublishDomain> & Pick<Target, 'refuseRunning' | 'volume' | 'findVolume' | 'gone'>,
): Target {
  return {
    paths: ({ directory }) => [domainPath(directory)],
    check: (input, work, disks) =>
      input.kind === 'files' ? files.check(input, work, disks) : libvirt.check(input, work, disks),
    foresee: (input, work) => (input.kind === 'files' ? files.foresee(input, work) : libvirt.foresee(input, work)),
    find: (input, options, signal) =>
      input.kind === 'files' ? files.find(input, options, signal) : libvirt.find(input, options, signal),
    findVolume: libvirt.findVolume,
    gone: libvirt.gone,
    publish: (input, work) => (input.kind === 'files' ? files.publish(input, work) : libvirt.publish(input, work)),
    volume: libvirt.volume,
    refuseRunning: libvirt.refuseRunning,
    sight(going) {
      const [ofFiles, ofLibvirt] = [files.sight(going), libvirt.sight(going)]
      // Files are known by their absolute paths, all else by an address.
      const owner = ({ path }: Artifact) => (path.startsWith('/') ? ofFiles : ofLibvirt)
      return {
        remains: (artifact, signal) => owner(artifact).remains(artifact, signal),
        destroy: (artifact, signal) => owner(artifact).destroy(artifact, signal),
      }
    },
    drift: (output, signal) => (output.libvirt ? libvirt : files).drift(output, signal),
  }
}
