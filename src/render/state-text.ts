import { addressOf } from '../core/address.ts'
import type { Json } from '../core/json.ts'
import type {
  ApprovalOutput,
  BootTestOutput,
  CutoverOutput,
  ExportedDisk,
  Finding,
  RollbackOutput,
  SourceOffOutput,
  StageOutputs,
} from '../core/outputs.ts'
import { printable } from '../core/printable.ts'
import type { MachineRecord, StageRecord } from '../core/record.ts'
import { type DeedName, deedNames, type StageName, stageNames } from '../core/stage-names.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../core/units.ts'
import { inspectionBranches, repairBranches } from './guest-text.ts'
import { styled } from './style.ts'
import { type Branch, drawn } from './tree.ts'

/** What the state knows of a machine, as a tree. */
export function machineText(machine: MachineRecord, color: boolean): string {
  const paint = styled(color)
  const forgotten = machine.forgottenAt ? `, forgotten ${machine.forgottenAt}` : ''
  const madeAs = machine.madeAs === undefined ? '' : `, made as ${addressOf(machine.madeAs)}`
  const branches = [
    disksBranch(machine),
    domainBranch(machine),
    stagesBranch(machine, paint),
    deedsBranch(machine),
  ].filter((branch) => branch !== undefined)
  return [
    paint('bold', addressOf(machine.name)),
    `${printable(machine.file)}, serial ${machine.serial}${madeAs}${forgotten}`,
    ...branches.flatMap((branch, index) => drawn(branch, index === branches.length - 1)),
  ].join('\n')
}

function outputOf<Name extends StageName>(machine: MachineRecord, stage: Name): StageOutputs[Name] | undefined {
  const record = machine.stages.get(stage)
  return record?.status === 'done' ? (record.output as unknown as StageOutputs[Name]) : undefined
}

function disksBranch(machine: MachineRecord): Branch | undefined {
  const disks = outputOf(machine, 'convert')?.disks
  const exported = outputOf(machine, 'export')?.disks
  if (!disks) return undefined
  return {
    title: 'disks',
    children: disks.map((disk) => {
      const from = exported?.find(({ id }) => id === disk.id)
      const source = from
        ? [{ title: `from   ${printable(from.image.path)} (${from.image.format}, ${from.variant})` }]
        : []
      return {
        title: `${disk.id}  ${disk.format}, ${formatBytes(disk.virtualBytes)} (${disk.virtualBytes} bytes), file ${formatBytes(disk.file.bytes)}`,
        children: [
          { title: `path   ${printable(disk.file.path)}` },
          ...source,
          { title: `sha256 ${disk.sha256}` },
          {
            title: `by     ${disk.engine} in ${formatSeconds(disk.seconds)}${disk.because ? `: ${disk.because}` : ''}`,
          },
          ...(disk.skippedBytes ? [{ title: `left   ${formatBytes(disk.skippedBytes)} of swap behind` }] : []),
        ],
      }
    }),
  }
}

function domainBranch(machine: MachineRecord): Branch | undefined {
  const published = outputOf(machine, 'publish')
  if (!published) return undefined
  return {
    title: `domain ${printable(published.domain.path)}`,
    children: [{ title: `uuid   ${published.uuid}` }, { title: `sha256 ${published.sha256}` }],
  }
}

function stagesBranch(machine: MachineRecord, paint: ReturnType<typeof styled>): Branch {
  const records = stageNames.flatMap((name) => machine.stages.get(name) ?? [])
  const width = Math.max(...records.map(({ stage }) => stage.length), 0)
  return {
    title: 'stages',
    children: records.map((record) => ({ title: stageTitle(record, width, paint), children: evidence(record) })),
  }
}

function deedsBranch({ deeds }: MachineRecord): Branch | undefined {
  const records = deedNames.flatMap((name) => deeds.get(name) ?? [])
  if (records.length === 0) return undefined
  return {
    title: 'deeds',
    children: records.map((record) => ({
      title: `${record.stage}  ${record.status}  ${record.finishedAt ?? record.startedAt}  attempt ${record.attempt}`,
      children: deedEvidence(record),
    })),
  }
}

function deedEvidence({ stage, status, output, message }: StageRecord<DeedName>): readonly Branch[] {
  if (status !== 'done') return message ? [{ title: printable(message) }] : []
  const data = output as unknown
  switch (stage) {
    case 'approval': {
      const { by, until } = data as ApprovalOutput
      return [{ title: `by ${printable(by)}${until === undefined ? '' : `, until ${until}`}` }]
    }
    case 'cutover': {
      const { begun, ended, sourceOff, downtimeSeconds, verified, marked } = data as CutoverOutput
      const since = sourceOff === undefined ? '' : `, from when its source went off at ${sourceOff}`
      const titles = [
        `from ${begun} to ${ended}: downtime ${formatSeconds(downtimeSeconds)}${since}`,
        ...verified,
        ...markTitles(marked),
      ]
      return titles.map((title) => ({ title: printable(title) }))
    }
    case 'source_off': {
      const { at, off } = data as SourceOffOutput
      return [{ title: `the source ${off}, seen off at ${at}` }]
    }
    case 'rollback': {
      const { of, off, source, mark } = data as RollbackOutput
      const put = source === undefined ? '' : `, the source ${source}`
      const taken =
        mark === undefined ? '' : `, the mark of the source ${mark === 'marked' ? 'taken away' : `was: ${mark}`}`
      return [{ title: `of cutover attempt ${of}: the domain ${off}${put}${taken}` }]
    }
  }
}

function markTitles(mark: CutoverOutput['marked']): readonly string[] {
  if (!mark) return []
  return [`the source ${mark.domain.name} was ${mark.how === 'rename' ? `renamed to ${mark.to}` : 'tagged'}`]
}

function stageTitle(record: StageRecord, width: number, paint: ReturnType<typeof styled>): string {
  const style = record.status === 'done' ? 'green' : record.status === 'failed' ? 'red' : 'yellow'
  const rate = record.bytes > 0 && record.seconds > 0 ? `, ${formatRate(record.bytes / record.seconds)}` : ''
  const tools = Object.entries(record.tools).map(([tool, version]) => `${tool} ${version}`)
  return [
    `${record.stage.padEnd(width)}  ${paint(style, record.status.padEnd(11))}`,
    ` ${record.finishedAt ?? record.startedAt}  ${formatSeconds(record.seconds)}${rate}`,
    `  attempt ${record.attempt}${tools.length > 0 ? `  ${tools.join(', ')}` : ''}`,
  ].join('')
}

function evidence({ stage, status, output, message }: StageRecord): readonly Branch[] {
  if (status !== 'done') return message ? [{ title: printable(message) }] : []
  const data = output as unknown
  switch (stage) {
    case 'preflight':
      return (data as StageOutputs['preflight']).checks.map((title) => ({ title }))
    case 'export':
      return exportEvidence(data as StageOutputs['export'])
    case 'inspect':
      return inspectionBranches(data as StageOutputs['inspect'])
    case 'fix':
      return repairBranches(data as StageOutputs['fix'])
    case 'convert':
      return []
    case 'publish':
      return findingBranches((data as StageOutputs['publish']).findings)
    case 'boot_test':
      return bootEvidence(data as StageOutputs['boot_test'])
    case 'validate':
      return findingBranches((data as StageOutputs['validate']).findings)
  }
}

// A state that an earlier version wrote has none of publish.
function findingBranches(findings: readonly Finding[] = []): readonly Branch[] {
  return findings.map(({ rule, severity, subject, evidence: what }) => ({
    title: `${severity} ${rule} ${subject}: ${printable(what)}`,
  }))
}

function digestText({ checked, claimed, arriving }: ExportedDisk): string {
  if (checked !== undefined) return `digest checked, ${checked}`
  const byCopy = claimed ?? arriving?.digest
  return byCopy === undefined ? 'no digest to check' : `digest checked while it is copied, ${byCopy}`
}

function exportEvidence({ disks, warnings }: StageOutputs['export']): Branch[] {
  return [
    ...disks.map((disk) => ({ title: `${disk.id}: ${digestText(disk)}` })),
    ...warnings.map((warning) => ({ title: `warning: ${printable(warning)}` })),
  ]
}

function bootEvidence({
  seconds,
  sign,
  saw,
  agent,
  accelerator,
  emulator,
  cpus,
  memoryMib,
  log,
}: BootTestOutput): Branch[] {
  return [
    { title: `${sign} after ${formatSeconds(seconds)}${saw === undefined ? '' : `: ${printable(saw)}`}` },
    { title: `${accelerator}, qemu ${emulator}, ${formatCount(cpus, 'CPU')}, ${memoryMib} MiB` },
    ...(agent && sign !== 'guest agent' ? [{ title: 'its guest agent answers' }] : []),
    { title: `log ${printable(log)}` },
  ]
}

/** The same as data. */
export function machineJson(machine: MachineRecord): Json {
  const { stages, deeds, forgottenAt, ...rest } = machine
  const listed = stageNames.flatMap((name) => stages.get(name) ?? [])
  const disks = outputOf(machine, 'convert')?.disks ?? []
  return JSON.parse(
    JSON.stringify({
      ...rest,
      forgottenAt,
      disks,
      stages: listed,
      deeds: deedNames.flatMap((name) => deeds.get(name) ?? []),
    }),
  )
}
