import { addressOf } from '../core/address.ts'
import { algorithmOf, digestOfDisk } from '../core/claimed-digest.ts'
import { approvalAt, cutOver, cutoverStanding } from '../core/deeds.ts'
import { type DriftFinding, driftStatus, healthOf, type MachineDrift } from '../core/drift.ts'
import { type FileIdentity, type ImageLocation, sameFile } from '../core/image.ts'
import type { StageOutputs } from '../core/outputs.ts'
import { problemsOf } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import { shownPath } from '../core/relocate.ts'
import { isAddress } from '../core/source-address.ts'
import type { StageName } from '../core/stage-names.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { markFindings } from './mark-source.ts'
import { publishedAsOf } from './published-domain.ts'
import { handedOver, type Known, knownDisk } from './whereabouts.ts'

export interface DriftRequest {
  /** Names. */
  readonly selected: ReadonlySet<string>
  /** Whether to read the disks and compare their digests. */
  readonly deep: boolean
  /** Names of machines that git leaves as they are, with how it says so. */
  readonly suspended?: ReadonlyMap<string, string>
}

type Seeing = Pick<Context, 'files' | 'disks' | 'source' | 'target' | 'domains' | 'root' | 'clock'>

/** Compares what was recorded of each machine with what is there: its source, its disks, its domain. Changes nothing. */
export async function findDrift(
  state: StateStore,
  { selected, deep, suspended }: DriftRequest,
  context: Seeing,
  signal: AbortSignal,
): Promise<readonly MachineDrift[]> {
  const found: MachineDrift[] = []
  for (const record of state.machines().values()) {
    if (!selected.has(record.name)) continue
    const known = { artifacts: () => state.artifacts(record.name) }
    const findings = [
      ...(await sourceFindings(record, deep, context, signal)),
      ...(await markFindings(record, context, signal)),
      ...(await diskFindings(record, known, deep, context, signal)),
      ...(await targetFindings(record, context, signal)),
    ]
    if (findings.length === 0) continue
    const why = suspended?.get(record.name)
    const { by, until } = approvalAt(record, context.clock.now()) ?? {}
    found.push({
      name: record.name,
      status: driftStatus(findings),
      health: why === undefined ? healthOf(record) : 'Suspended',
      findings,
      ...(why === undefined ? {} : { suspended: why }),
      ...(by === undefined ? {} : { approval: { by, ...(until === undefined ? {} : { until }) } }),
    })
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function outputOf<Name extends keyof StageOutputs>(record: MachineRecord, stage: Name): StageOutputs[Name] | undefined {
  const { status, output } = record.stages.get(stage) ?? {}
  return status === 'done' ? (output as unknown as StageOutputs[Name]) : undefined
}

async function sourceFindings(
  record: MachineRecord,
  deep: boolean,
  { files, source, root }: Seeing,
  signal: AbortSignal,
): Promise<readonly DriftFinding[]> {
  const { files: all = [], disks = [] } = outputOf(record, 'export') ?? {}
  const recorded = all.filter(({ path }) => !isAddress(path))
  const remote = all.filter(({ path }) => isAddress(path))
  const now = files.identities(recorded.map(({ path }) => path))
  const found = await Promise.all(remote.map((file) => remoteFinding(file, source, signal)))
  for (const [index, file] of recorded.entries()) {
    const finding = fileFinding('source', shownPath(file.path, root), file, now[index])
    const readable = deep && finding.status === 'Synced'
    const within = readable ? disks.filter(({ image }) => image.path === file.path) : []
    const read: DriftFinding[] = []
    for (const { id, image, ...disk } of within) {
      const digest = digestOfDisk(disk)
      if (digest === undefined) continue
      read.push(
        await contentFinding(
          finding,
          image,
          digest,
          { detail: `disk ${id} is not what it was`, redo: 'export' },
          files,
          signal,
        ),
      )
    }
    const wrong = read.filter(({ status }) => status !== 'Synced')
    found.push(...(wrong.length > 0 ? wrong : [finding]))
  }
  return found
}

async function remoteFinding(file: FileIdentity, source: Seeing['source'], signal: AbortSignal): Promise<DriftFinding> {
  try {
    return fileFinding('source', file.path, file, (await source.identities([file.path], signal))[0])
  } catch (error) {
    const [problem] = problemsOf(error) ?? []
    if (!problem) throw error
    return { kind: 'source', subject: file.path, status: 'Unknown', problem }
  }
}

/** @param digest algorithm, colon, hex */
async function contentFinding(
  finding: DriftFinding,
  image: Pick<ImageLocation, 'path' | 'stretch'>,
  digest: string,
  wrong: { readonly detail: string; readonly redo: StageName },
  files: Seeing['files'],
  signal: AbortSignal,
): Promise<DriftFinding> {
  const { kind, subject } = finding
  const algorithm = algorithmOf(digest)
  try {
    const same = `${algorithm}:${await files.digest(image, algorithm, signal)}` === digest
    return same ? finding : { kind, subject, status: 'OutOfSync', ...wrong }
  } catch (error) {
    const [problem] = problemsOf(error) ?? []
    if (!problem) throw error
    return { kind, subject, status: 'Unknown', problem }
  }
}

function fileFinding(
  kind: DriftFinding['kind'],
  subject: string,
  was: FileIdentity,
  is: FileIdentity | undefined,
): DriftFinding {
  if (!is) return { kind, subject, status: 'Missing', detail: 'is missing' }
  if (sameFile(was, is)) return { kind, subject, status: 'Synced' }
  const size = was.bytes === is.bytes ? 'was written to' : `has ${is.bytes} bytes, recorded ${was.bytes}`
  return { kind, subject, status: 'OutOfSync', detail: size }
}

async function diskFindings(
  record: MachineRecord,
  known: Pick<Known, 'artifacts'>,
  deep: boolean,
  { files, disks, root }: Seeing,
  signal: AbortSignal,
): Promise<readonly DriftFinding[]> {
  const placed = outputOf(record, 'publish')?.placed ?? []
  const itsOwn = handedOver(known)
  const found: DriftFinding[] = []
  for (const disk of outputOf(record, 'convert')?.disks ?? []) {
    const place = placed.find(({ id }) => id === disk.id)
    const path = place?.file.path ?? disk.file.path
    // A volume elsewhere is part of what the target is asked for.
    if (!path.startsWith('/')) continue
    const evidence = known.artifacts().find((artifact) => artifact.path === path)
    const was = (evidence && knownDisk(evidence)?.file) ?? place?.file ?? disk.file
    const subject = shownPath(path, root)
    const [is] = files.identities([path])
    const finding = fileFinding('disk', subject, was, is)
    if (itsOwn && finding.status === 'OutOfSync') {
      const { format, virtualBytes } = disk
      const size = cutOver(record) ? undefined : await otherSize({ path, format }, virtualBytes, disks, signal)
      const about = { kind: 'disk', subject } as const
      found.push(size ? { ...about, ...size } : { ...about, status: 'Synced', detail: 'the machine wrote to it' })
    } else if (deep && finding.status === 'Synced') {
      const wrong = { detail: 'its content is not what was converted', redo: 'convert' } as const
      found.push(await contentFinding(finding, { path }, `sha256:${disk.sha256}`, wrong, files, signal))
    } else found.push(finding)
  }
  return found
}

// What a guest writes is its own; no guest makes its disk larger.
async function otherSize(
  image: ImageLocation,
  recorded: number,
  disks: Seeing['disks'],
  signal: AbortSignal,
): Promise<{ readonly status: 'OutOfSync'; readonly detail: string } | undefined> {
  try {
    const { virtualBytes } = await disks.header(image, signal)
    if (virtualBytes === recorded) return undefined
    return { status: 'OutOfSync', detail: `has ${virtualBytes} bytes for its guest, recorded ${recorded}` }
  } catch (error) {
    const [problem] = problemsOf(error) ?? []
    if (!problem) throw error
    return { status: 'OutOfSync', detail: `cannot be read any more: ${problem.summary}` }
  }
}

async function targetFindings(
  record: MachineRecord,
  { target, root }: Seeing,
  signal: AbortSignal,
): Promise<readonly DriftFinding[]> {
  const published = outputOf(record, 'publish')
  if (!published) return []
  try {
    const found = await target.drift(publishedAsOf(published, cutoverStanding(record)), signal)
    // Who has a machine that took over may make its disk larger.
    const told = cutOver(record) ? found.filter(({ kind, live }) => kind !== 'disk' || !live) : found
    return told.map((finding) => ({ ...finding, subject: shownPath(finding.subject, root) }))
  } catch (error) {
    const [problem] = problemsOf(error) ?? []
    if (!problem) throw error
    const subject = published.libvirt?.domain.name ?? record.name
    return [{ kind: 'domain', subject, status: 'Unknown', problem: { address: addressOf(record.name), ...problem } }]
  }
}
