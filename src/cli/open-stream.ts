import { type EventStream, eventStream } from './event-stream.ts'
import { version } from './version.ts'
import { connectTools } from './wiring.ts'

/** Begins the events of `--json` on standard output. */
export function openStream(): EventStream {
  const { clock } = connectTools()
  return eventStream((line) => process.stdout.write(line), clock, version, clock.newId())
}
