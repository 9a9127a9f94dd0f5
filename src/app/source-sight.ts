import { addressOf } from '../core/address.ts'
import type { Machine } from '../core/machine.ts'
import { printable } from '../core/printable.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import { switchesOff } from '../core/source-domain.ts'
import type { SeenDomain } from '../ports/domains.ts'
import type { Files } from '../ports/files.ts'
import type { Context } from './context.ts'
import { doubtsElsewhere } from './source-elsewhere.ts'
import type { Subject } from './stage.ts'

/** Whether the source may go on writing while it is copied, since its cutover copies it once more. */
export function goesOnWriting({ sourceDomain }: Pick<Machine, 'sourceDomain'>): boolean {
  return switchesOff(sourceDomain)
}

/** What a plan says of a source that it copies: whether it runs, and whether its cutover could copy it once more. */
export async function sightOfSource(
  { machine, place }: Subject,
  { domains, files }: Pick<Context, 'domains' | 'files'>,
  signal: AbortSignal,
): Promise<{ readonly problems: readonly Problem[]; readonly notes: readonly string[] }> {
  const { sourceDomain, name } = machine
  if (!sourceDomain) return { problems: [], notes: [] }
  const about = { at: place(['source', 'connection']), address: addressOf(name) }
  let seen: SeenDomain
  try {
    seen = await domains.look(sourceDomain, signal)
  } catch (error) {
    signal.throwIfAborted()
    const problems = problemsOrBug(error)
    const [first] = problems
    // Its files are here all the same.
    if (first?.code === 'TARGET_UNREACHABLE') {
      return { problems: [], notes: [`could not look at its source: ${printable(first.summary)}`] }
    }
    return { problems: problems.map((problem) => ({ ...about, ...problem })), notes: [] }
  }
  const refuse = (summary: string, hint: string): Problem => {
    return { severity: 'error', code: 'SOURCE_RUNNING', summary, hint, ...about }
  }
  const source = `its source, the domain ${printable(seen.place.name)},`
  if (!goesOnWriting(machine)) {
    const doubts = doubtsElsewhere(machine, seen, files).map(({ summary }) => summary)
    if (!seen.on) return { problems: [], notes: doubts }
    const problem = refuse(
      `${source} runs, and what it writes while it is copied and after would be lost`,
      'shut it down, or cutover: {source_action: shutdown} to have it copied once more when it is off',
    )
    return { problems: [problem], notes: [] }
  }
  const faults = sourceFaults(machine, seen, files).map(({ summary }) => `cannot be cut over as it is: ${summary}`)
  if (!seen.on) return { problems: [], notes: faults }
  const qemu = readsWithQemu(machine)
  if (qemu !== undefined) {
    const hint = 'shut it down for this apply and start it again: the cutover copies once more what it writes then'
    return { problems: [refuse(`${source} runs, and qemu locks its disks: ${qemu}`, hint)], notes: faults }
  }
  const note = `is copied while ${source} runs: of no single moment, so it may not boot, until its cutover copies it again`
  return { problems: [], notes: [note, ...faults] }
}

function readsWithQemu({ inspection, repair, validation }: Machine): string | undefined {
  if (repair) return 'pipeline.fix cannot repair what is in use'
  if (inspection) return 'pipeline.inspect cannot look into what is in use'
  return validation?.compareSource ? 'compare_source cannot read what is in use' : undefined
}

/**
 * Why a source cannot be switched off by a cutover without losing something: the files that are copied have to be the ones
 * that it writes, and libvirt has to know it afterwards.
 */
export function sourceFaults(
  { disks, target }: Pick<Machine, 'disks' | 'target'>,
  seen: SeenDomain,
  files: Pick<Files, 'real' | 'identities' | 'beginning'>,
): readonly { readonly summary: string; readonly hint: string }[] {
  const { place, writes, persistent, saved, on } = seen
  const name = printable(place.name)
  const written = new Set(writes.map((path) => realOr(path, files)))
  const elsewhere = disks.filter(({ from }) => !written.has(realOr(from.path, files)))
  const itself = target.kind === 'libvirt' && target.uri === place.uri && target.domain === place.name
  return [
    ...elsewhere.map(({ id, from }) => ({
      summary: `the domain ${name} does not write disk ${id} to ${printable(from.path)}, so that nothing would be copied again`,
      hint:
        written.size > 0
          ? `disks[].local_path: it writes ${[...written].map(printable).join(', ')}`
          : 'cutover: {source_action: none}, and switch it off yourself',
    })),
    ...doubtsElsewhere({ disks }, seen, files),
    ...(persistent
      ? []
      : [{ summary: `the domain ${name} is transient: off it would be gone`, hint: 'define it: virsh define' }]),
    ...(saved && !on
      ? [
          {
            summary: `the domain ${name} was saved to go on later: what it had in memory is not on its disks`,
            hint: `start it and shut it down: virsh -c '${place.uri}' start ${name}`,
          },
        ]
      : []),
    ...(itself
      ? [
          {
            summary: `the domain ${name} would be source and target at once`,
            hint: 'libvirt_integration: {vm_name: …} for another name',
          },
        ]
      : []),
  ]
}

/** The files that a source writes and nothing copies: left out by an import, or attached since. */
export function notCopied(
  { disks }: Pick<Machine, 'disks'>,
  { writes }: Pick<SeenDomain, 'writes'>,
  files: Pick<Files, 'real'>,
): readonly string[] {
  const copied = new Set(disks.map(({ from }) => realOr(from.path, files)))
  return writes.filter((path) => !copied.has(realOr(path, files)))
}

function realOr(path: string, files: Pick<Files, 'real'>): string {
  return files.real(path) ?? path
}
