import { addressOf } from '../core/address.ts'
import type { Emit, RunEvent } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import { eventFormat } from '../core/language/events.ts'
import type { DeedName, RecordedName } from '../core/stage-names.ts'
import type { Clock } from '../ports/clock.ts'

/** A run as lines of JSON, one object each: `eventSchema` says what they hold. */
export interface EventStream {
  readonly emit: Emit
  /** Writes the last line. Nothing may follow it: what is emitted later, by work that ends late, is left out. */
  result(exitCode: number, data?: Json): void
}

const secondsBetweenProgress = 1

/** Begins a stream with its first line. `write` is given whole lines, with their line end. */
export function eventStream(write: (line: string) => void, clock: Clock, version: string, runId: string): EventStream {
  // When each running stage last told its progress.
  const told = new Map<string, number>()
  let seq = 0
  let ended = false

  const line = (type: string, fields: object) => {
    if (ended) return
    seq++
    write(`${escaped(JSON.stringify({ type, ...fields, '@timestamp': clock.now(), run_id: runId, seq }))}\n`)
  }
  const tooSoon = (event: RunEvent): boolean => {
    if (!('stage' in event)) return false
    const key = `${event.machine}/${event.stage}`
    if (event.type !== 'stage_progress') {
      told.delete(key)
      return false
    }
    const now = clock.seconds()
    const last = told.get(key)
    if (last !== undefined && now - last < secondsBetweenProgress) return true
    told.set(key, now)
    return false
  }

  line('version', { h2k: version, format: eventFormat })
  return {
    emit(event) {
      if (!tooSoon(event)) line(event.type, fieldsOf(event))
    },
    result(exitCode, data) {
      line('result', { exit_code: exitCode, ...(data === undefined ? {} : { data }) })
      ended = true
    },
  }
}

function fieldsOf(event: RunEvent): object {
  const { type: _, ...fields } = event
  return {
    ...('machine' in event && event.machine !== undefined ? addressed({ ...event, machine: event.machine }) : {}),
    ...fields,
    ...('bytes' in event ? { bytes: Math.round(event.bytes) } : {}),
    ...('seconds' in event ? { seconds: milliseconds(event.seconds) } : {}),
    ...(event.type === 'stage_progress' ? paceOf(event) : {}),
    ...(event.type === 'stage_done' || event.type === 'deed_done' ? { evidence: snakeCased(event.evidence) } : {}),
  }
}

function addressed(event: { readonly machine: string; readonly stage?: RecordedName; readonly deed?: DeedName }) {
  const part = event.stage ?? event.deed
  return { machine: event.machine, address: addressOf(event.machine, part) }
}

function paceOf({ total, rate, eta }: Extract<RunEvent, { type: 'stage_progress' }>) {
  return { total: Math.round(total), rate: Math.round(rate), ...(eta === undefined ? {} : { eta: milliseconds(eta) }) }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** The same with every key in snake_case. Only for outputs of stages, whose keys are all h2k's own names. */
function snakeCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(snakeCased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      member === undefined ? undefined : snakeCased(member),
    ]),
  )
}

// JSON leaves these as they are: a terminal obeys some of them, and some readers take others for a line's end.
function escaped(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
