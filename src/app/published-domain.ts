import type { CutoverStanding } from '../core/deeds.ts'
import type { PublishOutput, StageOutputs } from '../core/outputs.ts'
import type { MachineRecord } from '../core/record.ts'
import type { DomainPlace } from '../ports/domains.ts'

/** What was published, as its target has it to be by now: from its cutover on a domain may start with its host. */
export function publishedAsOf(output: PublishOutput, standing: CutoverStanding): PublishOutput {
  const { libvirt } = output
  if (!libvirt?.autostartAtCutover) return output
  const { autostart: _autostart, ...rest } = libvirt
  return { ...output, libvirt: { ...rest, ...(standing === 'under way' ? {} : { autostart: standing === 'after' }) } }
}

/** The domain that a machine was published as; undefined for one that is only files, or not published. */
export function publishedDomain({ stages }: MachineRecord): DomainPlace | undefined {
  const record = stages.get('publish')
  if (record?.status !== 'done') return undefined
  const { uuid, libvirt } = record.output as unknown as StageOutputs['publish']
  return libvirt && { uri: libvirt.uri, uuid, name: libvirt.domain.name }
}
