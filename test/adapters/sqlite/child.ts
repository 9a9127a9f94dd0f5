// An h2k of its own: opens the state given by argv and does what each line of standard input says, answering each with
// one line: `ok …`, or the code of the problem.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { linuxHost } from '../../../src/adapters/sqlite/host.ts'
import { openState } from '../../../src/adapters/sqlite/open-state.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import type { StateWriter } from '../../../src/ports/state.ts'
import { fakeHosts } from '../../contract/fake-hosts.ts'
import { doneWith, intent } from '../../contract/state-world.ts'

const [folder = '', migrations = '', mode = 'create', leaseSeconds = '30'] = process.argv.slice(2)
const lease = { seconds: Number(leaseSeconds), renewSeconds: Number(leaseSeconds) / 5 }
const now = () => new Date().toISOString()
let writer: StateWriter | undefined
const open = () =>
  openState({
    path: `${folder}/state/state.db`,
    backups: `${folder}/backups`,
    migrations,
    host: linuxHost(),
    clock: { ...fakeHosts().clock, now },
    mode: mode === 'read' || mode === 'write' ? mode : 'create',
    lease,
  })
let store: ReturnType<typeof open> | undefined

async function act(verb: string, words: readonly string[]): Promise<string> {
  if (verb === 'reopen') store?.close()
  if (verb === 'open' || verb === 'reopen') store = open()
  if (verb === 'remove') rmSync(words[0] ?? '')
  if (store === undefined) throw new Error('not open')
  const [first = '', second = '', third = ''] = words
  if (verb === 'begin') {
    writer = store.begin(
      { id: first, command: 'apply', who: 'child@here', version: '0', startedAt: now() },
      words.slice(1),
    )
  }
  if (verb === 'list') return [...store.machines().keys()].join(' ')
  if (verb === 'attempts') return String(store.history({ limit: 1e6 }).length)
  if (verb === 'backup') await store.backup(first)
  if (verb === 'attempt') {
    const size = Number(third || '0')
    await writer?.started(intent(first, 'convert', { attempt: Number(second) }))
    await writer?.done(doneWith(first, 'convert', 'x'.repeat(size)))
  }
  if (verb === 'start') await writer?.started(intent(first, 'convert', { attempt: Number(second) }))
  if (verb === 'end') await writer?.end({ finishedAt: now(), exitCode: 0 })
  // Acts on and on, and says what it was told is on the disk.
  for (let attempt = 1; verb === 'rush'; attempt++) {
    await act('attempt', [first, String(attempt)])
    process.stdout.write(`${attempt}\n`)
  }
  return ''
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb = '', ...words] = line.split(' ')
  try {
    const answer = await act(verb, words)
    process.stdout.write(`ok ${answer}\n`)
  } catch (error) {
    const [first] = problemsOf(error) ?? []
    process.stdout.write(`${first ? `${first.code} ${first.summary} ${first.detail}` : `BUG ${error}`}\n`)
  }
}
store?.close()
