import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { marked } from 'marked'
import { expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const hostile = '</details><script>@team'
const files = {
  'h2k.yaml': 'h2k_version: 1\nname: exit\n',
  'manifests/web01.yaml': localManifest(),
  'manifests/web02.yaml': localManifest(),
  'manifests/odd.yaml': localManifest().replace('provider: local', `provider: local, vm_name: "${hostile}"`),
  'manifests/lost.yaml': localManifest().replace('disk.vmdk', 'lost.vmdk'),
}

/** A repository with a workspace in a folder of it, of which one machine is moved and then changed. */
async function repository(): Promise<string> {
  const workspace = localWorkspace(files)
  const root = temporaryFolder()
  mkdirSync(join(root, 'moves'))
  renameSync(workspace, join(root, 'moves/exit'))
  const applied = await h2k(root, ['-C', 'moves/exit', 'apply', '--auto-approve', '--only', 'machine.web01'])
  expect(applied.exitCode, applied.stderr).toBe(0)
  const manifest = join(root, 'moves/exit/manifests/web01.yaml')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('cpu: 1', 'cpu: 2'))
  return root
}

test('a plan for a pull request: the same bytes each time, in a file, and from a saved plan', async () => {
  const root = await repository()
  const plan = (...args: string[]) => h2k(root, ['-C', 'moves/exit', 'plan', ...args])
  const first = await plan('--format', 'markdown')
  expect((await plan('--format', 'markdown')).stdout).toBe(first.stdout)
  expect(first.stdout).toMatch(
    /^<!-- h2k:plan exit -->\n## h2k plan of `exit`: 2 to create, 1 to update, 1 cannot be planned\n/,
  )
  expect(marked.parse(first.stdout, { async: false })).not.toContain('<script>')
  expect(first.exitCode).toBe(1)

  const saved = await plan('--out', 'a.h2kplan', '--format', 'markdown', '--body', 'body.md')
  expect(saved.stdout).toContain('Plan: 2 to create, 1 to update')
  expect(readFileSync(join(root, 'body.md'), 'utf8')).toBe(first.stdout)
  const shown = await h2k(root, ['-C', 'moves/exit', 'show', 'a.h2kplan', '--format', 'markdown'])
  expect(shown.stdout).toBe(first.stdout)
})

test('annotations stand at the files as the repository names them', async () => {
  const root = await repository()
  const plan = async (format: string) => (await h2k(root, ['-C', 'moves/exit', 'plan', '--format', format])).stdout
  const lines = (await plan('github')).trimEnd().split('\n')
  expect(lines[0]).toMatch(/^::error file=moves\/exit\/manifests\/lost.yaml,line=4,.*title=\w+ machine.lost::/)
  expect(lines).toContain(
    '::notice file=moves/exit/manifests/web01.yaml,line=3,col=6,title=machine.web01::hardware.cpus: 1 -> 2',
  )
  expect(JSON.parse(await plan('gitlab'))).toEqual({ create: 2, update: 1, delete: 0 })
  const quality = JSON.parse(await plan('gitlab-quality')) as { fingerprint: string; location: { path: string } }[]
  expect(new Set(quality.map(({ fingerprint }) => fingerprint)).size).toBe(quality.length)
  for (const { location } of quality) expect(readFileSync(join(root, location.path), 'utf8')).not.toBe('')
  const { runs } = JSON.parse(await plan('sarif'))
  expect(runs[0].results[0]).toMatchObject({ level: 'error' })
  expect(JSON.parse(await plan('json'))).toMatchObject({ counts: { create: 2, blocked: 1 } })
})

test('what does not fit together is refused', async () => {
  const root = localWorkspace(files)
  for (const args of [
    ['--body', 'x'],
    ['--max-bytes', '9000'],
    ['--format', 'sarif', '--max-bytes', '9000'],
    ['--format', 'markdown', '--max-bytes', '10'],
    ['--format', 'markdown', '--json'],
  ]) {
    const { exitCode, stdout, stderr } = await h2k(root, ['plan', ...args])
    expect(exitCode, args.join(' ')).toBe(1)
    expect(stdout + stderr).toContain('USAGE')
  }
})

test('validate names files likewise', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, 'moves'))
  renameSync(localWorkspace({ ...files, 'manifests/bad.yaml': 'vm: {cpus: 1}\n' }), join(root, 'moves/exit'))
  const { stdout } = await h2k(root, ['-C', 'moves/exit', 'validate', '--format', 'github'])
  expect(stdout).toContain('::error file=moves/exit/manifests/bad.yaml,')
})
