import type { ReportedAttempt, ReportedMachine, RunReport } from '../../../core/language/run-report.ts'
import { formatBytes, formatSeconds } from '../../../core/units.ts'
import { approvalText, momentText, outcomeWord, rateText, toolsText } from '../words.ts'
import { escapeHtml } from './escape.ts'

/** Where a machine's part of the page is: names may hold anything. */
export function anchorOf(index: number): string {
  return `m${index + 1}`
}

/** Every machine with its evidence, folded. */
export function machines({ machines: all }: RunReport): string {
  if (all.length === 0) return ''
  return `<section><h2>Machines and evidence</h2><div class="machines">${all.map(machineDetails).join('')}</div></section>`
}

function machineDetails(machine: ReportedMachine, index: number): string {
  const { attempts, seconds, worked_bytes: bytes, wave } = machine
  const figures = [
    wave ?? '',
    attempts.length > 0 ? formatSeconds(seconds) : '',
    bytes > 0 ? formatBytes(bytes) : '',
    rateText(machine.bytes_per_second),
  ].map((text) => `<span>${escapeHtml(text)}</span>`)
  return `<details id="${anchorOf(index)}"><summary><b>${escapeHtml(machine.machine)}</b><span class="pill ${machine.outcome}">${outcomeWord(machine)}</span>${figures.join('')}</summary>${contents(machine)}</details>`
}

function contents(machine: ReportedMachine): string {
  const { predicted, domain, tools } = machine
  const facts = [
    ['address', machine.address],
    ['manifest', machine.manifest],
    ['planned', machine.action ?? ''],
    ['why', machine.why ?? ''],
    ['predicted', predicted ? foreseenText(predicted) : ''],
    ['domain', domain?.path ?? ''],
    ['its uuid', domain?.uuid ?? ''],
    ['its sha256', domain?.sha256 ?? ''],
    ['tools', toolsText(tools)],
    ['approved by', approvalText(machine.approved)],
  ].filter(([, value]) => value !== '')
  const gone = machine.evidence
    ? ''
    : '<p class="note">A later run worked on this machine, and nothing was kept of what it was in this one.</p>'
  return `<dl class="facts">${facts.map(fact).join('')}</dl>${disksOf(machine)}${attemptsOf(machine.attempts)}${gone}`
}

function fact([name, value = '']: readonly string[]): string {
  return `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`
}

function foreseenText({ write_bytes: bytes, seconds }: NonNullable<ReportedMachine['predicted']>): string {
  if (bytes === 0) return 'nothing to write'
  return `at most ${formatBytes(bytes)} written${seconds === null ? '' : `, about ${formatSeconds(seconds)} alone`}`
}

function disksOf({ disks }: ReportedMachine): string {
  return disks
    .map(({ id, path, format, virtual_bytes: size, file_bytes: file, sha256, engine, source_digest: checked }) => {
      const facts = [
        [`disk ${id}`, `${format}, ${formatBytes(size)}, file ${formatBytes(file)}, by ${engine}`],
        ['path', path],
        ['sha256', sha256],
        ...(checked === undefined ? [] : [['source checked', checked]]),
      ]
      return `<dl class="facts disk">${facts.map(([name = '', value = '']) => fact([escapeHtml(name), value])).join('')}</dl>`
    })
    .join('')
}

function attemptsOf(attempts: readonly ReportedAttempt[]): string {
  if (attempts.length === 0) return ''
  const items = attempts.map(({ part, status, attempt, started_at: from, seconds, bytes, message }) => {
    const work = bytes > 0 ? `, ${formatBytes(bytes)}` : ''
    const again = attempt > 1 ? `, attempt ${attempt}` : ''
    return `<li class="${status}"><b>${part}</b> ${status}${again}, ${momentText(from)}, ${formatSeconds(seconds)}${work}${message ? `: ${escapeHtml(message)}` : ''}</li>`
  })
  return `<ol class="attempts">${items.join('')}</ol>`
}
