import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virshWith } from '../support/libvirt.ts'
import { movingDomains } from '../support/moving-domains.ts'

const { old, applied } = movingDomains()
const keys = 'hooks: {pre_cutover: [{type: script, path: ../hooks/before.sh}]}\n'

test('a source that nothing switches off is refused when somebody starts it after the yes', async () => {
  const { folder, image, run, rewrite, cutover, both, deeds } = await applied('left', 'source_action: power_off')
  const hook = (text: string) => writeFileSync(join(folder, 'hooks/before.sh'), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  mkdirSync(join(folder, 'hooks'))
  hook('exit 0')
  old.virsh('destroy', 'left')
  rewrite('source_action: none, shutdown_seconds: 0', keys)
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  const refused = expect.stringMatching(/CUTOVER_REFUSED: its source, the domain left of .*, runs/)

  // While a hook runs.
  hook(`virsh -q -c '${old.uri}' start left`)
  const early = await cutover()
  expect([early.exitCode, early.stderr]).toEqual([1, refused])
  expect(both()).toEqual(['running', 'shut off'])
  expect((await deeds()).at(-1)).toMatchObject({ stage: 'rollback', status: 'done', output: { off: 'was off' } })
  const planned = await cutover()
  expect([planned.exitCode, planned.stderr]).toEqual([1, refused])

  // Just when the target starts.
  old.virsh('destroy', 'left')
  hook('exit 0')
  const path = virshWith('start --domain=', { after: `virsh -q -c '${old.uri}' start left >&2` })
  const late = await cutover({ PATH: path })
  expect([late.exitCode, late.stderr]).toEqual([1, refused])
  expect(both()).toEqual(['running', 'shut off'])

  // What was written meanwhile is not in the copy, whether it is off again or not.
  old.virsh('destroy', 'left')
  hook(`printf x | dd conv=notrunc status=none of=${image}`)
  const written = await cutover()
  expect([written.exitCode, written.stderr]).toEqual([1, expect.stringContaining(`CUTOVER_REFUSED: source ${image}`)])
  expect(both()).toEqual(['shut off', 'shut off'])
  hook('exit 0')
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  const ended = await cutover()
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(both()).toEqual(['shut off', 'running'])
})
