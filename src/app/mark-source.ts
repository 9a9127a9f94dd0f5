import { addressOf } from '../core/address.ts'
import { cutOver } from '../core/deeds.ts'
import type { DriftFinding } from '../core/drift.ts'
import type { Machine } from '../core/machine.ts'
import { printable } from '../core/printable.ts'
import { problemsOf } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { markedName, type SourceMark } from '../core/source-mark.ts'
import type { DomainPlace } from '../ports/domains.ts'
import type { Context } from './context.ts'
import type { DeedRun } from './record-deed.ts'

/** The mark that git wants for a source. */
export function wantedMark(
  { name, sourceDomain }: Pick<Machine, 'name' | 'sourceDomain'>,
  domain: DomainPlace,
  workspace: string,
): SourceMark | undefined {
  if (sourceDomain?.action === 'rename') return { domain, how: 'rename', to: markedName(domain.name) }
  return sourceDomain?.action === 'tag' ? { domain, how: 'tag', workspace, machine: name } : undefined
}

/** What a mark is, for a reader. */
export function markText(mark: SourceMark): string {
  return mark.how === 'rename' ? `is renamed to ${printable(mark.to)}` : 'gets a tag in its metadata'
}

/**
 * Marks the source of a target that works, and settles with whether it did: what keeps it from that is told, and takes no
 * target back.
 */
export async function markOrTell(
  name: string,
  mark: SourceMark,
  { context, signal, emit }: Pick<DeedRun, 'context' | 'signal' | 'emit'>,
): Promise<boolean> {
  try {
    await context.domains.mark(mark, signal)
    return true
  } catch (error) {
    const [first] = problemsOf(error) ?? []
    if (!first || signal.aborted) throw error
    const summary = `its source, the domain ${printable(mark.domain.name)}, has no mark: ${first.summary}`
    const hint = `its target works all the same; mark it yourself: virsh -c '${mark.domain.uri}' ${mark.how === 'rename' ? 'domrename' : 'desc'} ${mark.domain.uuid}`
    emit({ type: 'diagnostic', problem: { ...first, severity: 'warning', summary, hint, address: addressOf(name) } })
    return false
  }
}

/** Whether the source of a machine that was cut over still has the mark that it got. */
export async function markFindings(
  record: MachineRecord,
  { domains }: Pick<Context, 'domains'>,
  signal: AbortSignal,
): Promise<readonly DriftFinding[]> {
  const mark = cutOver(record)?.marked
  if (!mark) return []
  const about = { kind: 'source', subject: `domain ${mark.domain.name}` } as const
  try {
    const standing = await domains.markStanding(mark, signal)
    if (standing === 'marked') return [{ ...about, status: 'Synced', detail: markText(mark) }]
    // No apply marks it again.
    if (standing === 'missing') return [{ ...about, status: 'Missing', detail: 'is missing', live: true }]
    const what = mark.how === 'rename' ? `is not called ${mark.to} any more` : 'has not the tag that it got'
    return [{ ...about, status: 'OutOfSync', detail: what, live: true }]
  } catch (error) {
    const [problem] = problemsOf(error) ?? []
    if (!problem) throw error
    return [{ ...about, status: 'Unknown', problem: { address: addressOf(record.name), ...problem } }]
  }
}
