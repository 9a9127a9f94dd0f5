import type { StageOutputs } from '../core/outputs.ts'
import type { MachineRecord } from '../core/record.ts'
import type { DomainPlace } from '../ports/domains.ts'

/** The domain that a machine was published as; undefined for one that is only files, or not published. */
export function publishedDomain({ stages }: MachineRecord): DomainPlace | undefined {
  const record = stages.get('publish')
  if (record?.status !== 'done') return undefined
  const { uuid, libvirt } = record.output as unknown as StageOutputs['publish']
  return libvirt && { uri: libvirt.uri, uuid, name: libvirt.domain.name }
}
