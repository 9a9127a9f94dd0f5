import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

const disk = (folder: string, name: string) => join(folder, `output/${name}/boot.qcow2`)

/** Flips a byte in the middle, and leaves size and time as they were. */
function flip(path: string): void {
  execFileSync('cp', ['-p', path, `${path}.before`])
  const content = readFileSync(path)
  const middle = Math.floor(content.length / 2)
  content.writeUInt8(content.readUInt8(middle) ^ 1, middle)
  writeFileSync(path, content)
  execFileSync('touch', ['-r', `${path}.before`, path])
  rmSync(`${path}.before`)
}

test('what drifted is shown with its health, and repaired by the plan that --fix saves', async () => {
  const names = ['fine', 'gone', 'flipped', 'left']
  const folder = localWorkspace(Object.fromEntries(names.map((name) => [`manifests/${name}.yaml`, localManifest()])))
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  const clean = await h2k(folder, ['drift', '--detailed-exitcode', '--deep', '--fix', 'no.h2kplan'])
  expect(clean.stdout).toContain('machine.fine     Synced  Healthy\n')
  expect(clean.stdout).toContain('No plan was saved: there is nothing that an apply would repair.')
  expect(clean.exitCode).toBe(0)

  rmSync(disk(folder, 'gone'))
  flip(disk(folder, 'flipped'))
  rmSync(disk(folder, 'left'))
  writeFileSync(join(folder, 'manifests/left.yaml'), localManifest('suspend: {why: "on </details><script>"}\n'))
  await h2k(folder, ['approve', 'machine.fine', '--by', 'Change board', '--until', '2999-01-01T00:00:00Z'])

  const seen = await h2k(folder, ['drift', '--detailed-exitcode'])
  expect(seen.stdout).toBe(`machine.fine     Synced  Healthy
  cutover approved by Change board until 2999-01-01T00:00:00Z
machine.flipped  Synced  Healthy
machine.gone     Missing  Healthy
  disk output/gone/boot.qcow2: is missing
machine.left     Missing  Suspended
  is suspended (on </details><script>)
  disk output/left/boot.qcow2: is missing

4 machines: 2 in sync, 0 out of sync, 2 missing, 0 unknown.
`)
  expect(seen.exitCode).toBe(2)
  expect((await h2k(folder, ['drift', '--detailed-exitcode', '--only', 'machine.left'])).exitCode, 'suspended').toBe(0)
  const markdown = await h2k(folder, ['drift', '--format', 'markdown'])
  expect(markdown.stdout).toContain(
    '| Missing | Suspended | disk `output/left/boot.qcow2`: `is missing`<br>`is suspended (on </details><script>)` |',
  )
  const json = await h2k(folder, ['drift', '--format', 'json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    machines: [{ name: 'fine', approval: { by: 'Change board' } }, {}, { status: 'Missing' }, { health: 'Suspended' }],
  })

  const told = (await h2k(folder, ['drift', '--json'])).events().filter(({ type }) => type === 'drift')
  expect(told.map(({ address, status }) => [address, status])).toContainEqual(['machine.gone', 'Missing'])
  expect(told.find(({ machine }) => machine === 'fine')).toMatchObject({ status: 'Synced', findings: [] })

  const fixed = await h2k(folder, ['drift', '--deep', '--fix', 'repair.h2kplan'])
  expect(fixed.stdout).toContain('  disk output/flipped/boot.qcow2: its content is not what was converted')
  expect(fixed.stdout).toContain('Saved the plan to repair.h2kplan. To repair this: h2k apply repair.h2kplan')
  const applied = await h2k(folder, ['apply', 'repair.h2kplan'])
  expect(applied.stdout).toContain('Apply: 2 done')
  expect(applied.exitCode, applied.stderr).toBe(0)
  const after = await h2k(folder, ['drift', '--deep', '--detailed-exitcode', '--exclude', 'machine.left'])
  expect(after.stdout).toContain('3 machines: 3 in sync, 0 out of sync, 0 missing, 0 unknown.')
  expect(after.exitCode).toBe(0)
})
