import { type CutoverBegun, copyOfDisks } from '../core/deeds.ts'
import { asJson, type Json } from '../core/json.ts'
import type { Machine } from '../core/machine.ts'
import type { ConvertedDisk, CutoverOutput, StageOutputs } from '../core/outputs.ts'
import type { RecordedName } from '../core/stage-names.ts'
import type { Adopted } from '../ports/state.ts'
import type { FoundTarget } from '../ports/target.ts'
import type { Work } from '../ports/work.ts'
import { asChecked, checkClaims } from './check-claims.ts'
import type { Context } from './context.ts'
import { copyInput, copyKey } from './copy-input.ts'
import { type FoundDisk, findDisks } from './find-disks.ts'
import { guestDisks, scratchFolder } from './guest-disks.ts'
import { publishInput } from './publish-input.ts'
import type { Subject } from './stage.ts'
import { stagesOf } from './stages/table.ts'

/** A machine that the state does not know, as it is in the world. */
export interface FoundMachine {
  readonly subject: Subject
  readonly disks: readonly FoundDisk[]
  readonly target: FoundTarget
}

/**
 * Looks for what an apply of a machine would have left. Reads no disks and changes nothing.
 * @throws ProblemError IMPORT_REFUSED, IMAGE_…, TARGET_…
 */
export async function findMachine(
  subject: Subject,
  cutOver: boolean,
  context: Context,
  signal: AbortSignal,
): Promise<FoundMachine> {
  const { machine } = subject
  const disks = await findDisks(machine, context, signal)
  const input = { ...publishInput(machine, context.workspace), disks: disks.map(({ publish }) => publish) }
  return { subject, disks, target: await context.target.find(input, { cutOver }, signal) }
}

/**
 * What the state keeps of it, as if all had been done. Reads the disks, and what stages read that only look: the source's
 * digests, and the guest where git asks for that.
 * @throws ProblemError as the stages export and inspect do
 */
export async function adoptable(
  { subject, disks, target }: FoundMachine,
  cutOver: Pick<CutoverBegun, 'shutdownSeconds'> | undefined,
  context: Context,
  signal: AbortSignal,
): Promise<Pick<Adopted, 'stages' | 'artifacts'>> {
  const { machine } = subject
  const upstream: Partial<StageOutputs> = {}
  const stages: Adopted['stages'][number][] = []
  const artifacts: Adopted['artifacts'][number][] = []
  const look = onlyLooking(context, signal)
  try {
    for (const stage of stagesOf(machine)) {
      // Nobody saw it boot.
      if (stage.name === 'boot_test') continue
      const { input, fingerprint, run } = stage.prepare(subject, upstream, context)
      let output: Json
      if (stage.name === 'inspect') output = await run(context, look.work)
      else if (stage.name === 'export') {
        const exported = (await run(context, look.work)) as unknown as StageOutputs['export']
        await checkClaims(exported.disks, context.files, signal)
        output = asJson(asChecked(exported))
      } else if (stage.name === 'convert') {
        const copies = await copiesOf(subject, upstream, disks, signal)
        artifacts.push(...copies.artifacts)
        output = asJson({ disks: copies.disks })
      } else output = asJson(outputOf(stage.name, subject, { disks, target }, upstream, context))
      Object.assign(upstream, { [stage.name]: output })
      stages.push({ stage: stage.name, fingerprint, input, output })
      if (stage.name !== 'publish') continue
      artifacts.push(...target.artifacts.map((one) => ({ ...one, stage: 'publish' as const, fingerprint })))
    }
  } finally {
    await context.guests.close(scratchFolder(machine, context))
    await look.sweep()
  }
  return {
    stages: cutOver ? [...stages, cutoverOf(upstream, machine, target.published, cutOver, context)] : stages,
    artifacts,
  }
}

function outputOf(
  stage: 'preflight' | 'fix' | 'validate' | 'publish',
  subject: Subject,
  { disks, target }: Pick<FoundMachine, 'disks' | 'target'>,
  upstream: Partial<StageOutputs>,
  context: Context,
): object {
  const { machine } = subject
  const imported = { rule: 'imported', severity: 'info', evidence: 'it was there before the state knew it' } as const
  switch (stage) {
    case 'preflight':
      return { checks: ['imported: what was there before was not checked'] }
    case 'fix': {
      if (!upstream.export) throw new Error('fix without export')
      // An overlay that is no longer there: whoever needs it makes it again.
      const fixed = guestDisks(machine, upstream.export, context).disks.map(({ id, overlay: path }) => {
        const file = { path, bytes: 0, modified: '0' }
        return { id, image: { path, format: 'qcow2' }, file, madeIn: context.root }
      })
      const evidence = 'it was imported: what was repaired in it nobody knows'
      return { disks: fixed, changes: [], findings: [{ ...imported, evidence, subject: 'guest' }] }
    }
    case 'validate':
      return { findings: disks.map(({ disk }) => ({ ...imported, evidence: 'format and size', subject: disk.id })) }
    case 'publish':
      return { placed: disks.flatMap((disk) => placedAs(disk, machine)), ...target.published }
  }
}

function placedAs({ disk, file }: FoundDisk, { target }: Machine) {
  if (disk.place.kind === 'output') return []
  const kept = disk.place.kind === 'pool' && target.kind === 'libvirt' && !target.move
  return [{ id: disk.id, from: disk.to.path, file, ...(kept ? { kept: true } : {}) }]
}

/** The disks as their conversion would have left them. What a machine in a libvirt wrote to them nobody knows, and may be a lot. */
async function copiesOf(
  subject: Subject,
  upstream: Partial<StageOutputs>,
  found: readonly FoundDisk[],
  signal: AbortSignal,
): Promise<Pick<Adopted, 'artifacts'> & { readonly disks: readonly ConvertedDisk[] }> {
  const { export: exported, fix } = upstream
  if (!exported) throw new Error('convert without export')
  const input = copyInput(subject, { export: exported, ...(fix ? { fix } : {}) })
  const runs = subject.machine.target.kind === 'libvirt'
  const disks: ConvertedDisk[] = []
  const artifacts: Adopted['artifacts'][number][] = []
  for (const { disk, file, original, publish, ...one } of found) {
    const from = input.disks.find(({ id }) => id === disk.id)
    if (!from) throw new Error(`there is no disk ${disk.id}`)
    const fingerprint = copyKey(from, input.conversion, input.files)
    const now = await one.sha256(signal)
    const sha256 = (await original?.sha256(signal)) ?? now
    const { id, virtualBytes, to } = disk
    const base = { id, format: to.format, virtualBytes, sha256, engine: 'imported', seconds: 0 }
    const converted: ConvertedDisk = { ...base, file: original?.file ?? { ...file, path: to.path } }
    disks.push(converted)
    const written = runs ? { written: now } : {}
    const placed = disk.place.kind !== 'output'
    if (original) artifacts.push({ path: to.path, stage: 'convert', fingerprint, evidence: asJson(converted) })
    artifacts.push({
      path: publish.to.path,
      stage: placed ? 'publish' : 'convert',
      fingerprint,
      evidence: asJson({
        ...converted,
        ...written,
        file,
        ...(placed ? { placed: true } : {}),
        ...(original ? { taken: original.file } : {}),
      }),
    })
  }
  return { disks, artifacts }
}

function cutoverOf(
  { convert }: Partial<StageOutputs>,
  { target, dependsOn }: Machine,
  { uuid, libvirt }: FoundTarget['published'],
  { shutdownSeconds }: Pick<CutoverBegun, 'shutdownSeconds'>,
  { clock }: Context,
): Adopted['stages'][number] {
  const of = copyOfDisks(convert?.disks ?? [])
  const begun = clock.now()
  const autostart = target.kind === 'libvirt' && target.autostartAtCutover
  const domain = libvirt && { uri: libvirt.uri, uuid, name: libvirt.domain.name }
  const input: CutoverBegun = {
    of,
    begun,
    shutdownSeconds,
    ...(domain ? { target: domain } : {}),
    after: dependsOn,
    ...(autostart ? { autostart } : {}),
  }
  const verified = ['imported as cut over: its downtime nobody measured']
  const output: CutoverOutput = { of, begun, ended: begun, downtimeSeconds: 0, verified }
  const stage: RecordedName = 'cutover'
  return { stage, fingerprint: '', input: asJson(input), output: asJson(output) }
}

/** Work for stages that only look, which make nothing but what they look through. */
function onlyLooking({ files }: Context, signal: AbortSignal) {
  const scratch = new Set<string>()
  const work: Work = {
    signal,
    anew: false,
    progress: () => undefined,
    owned: () => undefined,
    artifacts: () => [],
    cutover: () => 'before',
    logFile: () => {
      throw new Error('what only looks has no log')
    },
    intend: async (path) => void scratch.add(path),
    made: async () => undefined,
    removed: async () => undefined,
  }
  return {
    work,
    sweep: async () => {
      for (const path of scratch) await files.remove(path, signal)
    },
  }
}
