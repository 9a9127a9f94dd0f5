import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runsAfter, type Step } from './ci-steps.ts'
import { localManifest } from './local-machines.ts'
import { makeWorkspace, qemuImg, temporaryFolder } from './machines.ts'

/** How the steps of a job ended. */
export interface Job {
  readonly exitCode: number
  /** What the failed step, or the last one, and all before it printed. */
  readonly output: string
  /** The checkout that they ran in. */
  readonly folder: string
}

export interface CiRepository {
  /** Checks a branch out anew, as a runner does, and runs steps in it; `after` gets the folder when they are done. */
  job(branch: string, steps: readonly Step[], env?: Readonly<Record<string, string>>): Job
  /** Commits files on a branch and pushes it. */
  push(branch: string, files: Readonly<Record<string, string>>): string
  /** Merges a branch into main, pushes it, and gives main's commit. */
  merge(branch: string): string
  /** The folder with the state and what is made, outside of every checkout. */
  readonly kept: string
}

/** A bare remote with a workspace of one machine on main, whose state lies outside, as `examples/ci/README.md` says. */
export function ciRepository(): CiRepository {
  const kept = temporaryFolder()
  qemuImg('create', '-q', '-f', 'vmdk', join(kept, 'disk.vmdk'), '4M')
  const remote = join(temporaryFolder(), 'remote.git')
  git('.', 'init', '-q', '--bare', '-b', 'main', remote)
  const clone = makeWorkspace({
    'h2k.yaml': `h2k_version: 1
name: exit
state: {backend: sqlite, path: ${kept}/state.db}
work_directory: ${kept}/work
defaults: {profile: shelf}
`,
    'profiles/shelf.yaml': `output: {directory: ${kept}/output}\n`,
    'manifests/web01.yaml': machine(kept),
  })
  git(clone, 'init', '-q', '-b', 'main')
  git(clone, 'remote', 'add', 'origin', remote)
  commit(clone, 'main')
  return {
    kept,
    push: (branch, files) => {
      git(clone, 'checkout', '-q', '-B', branch, 'main')
      for (const [path, text] of Object.entries(files)) writeFileSync(join(clone, path), text)
      return commit(clone, branch)
    },
    merge: (branch) => {
      git(clone, 'checkout', '-q', 'main')
      git(clone, 'merge', '-q', '--no-ff', '-m', `merge ${branch}`, branch)
      git(clone, 'push', '-q', 'origin', 'main')
      return git(clone, 'rev-parse', 'HEAD').trim()
    },
    job: (branch, steps, env = {}) => {
      const folder = join(temporaryFolder(), 'checkout')
      git('.', 'clone', '-q', '-b', branch, remote, folder)
      return { folder, ...run(folder, steps, env) }
    },
  }
}

/** A manifest of a machine with the image of the repository. */
export function machine(kept: string): string {
  return localManifest().replace('../disk.vmdk', join(kept, 'disk.vmdk'))
}

/** A folder with programs by name, for PATH. */
export function programs(scripts: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), script)
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

function run(folder: string, steps: readonly Step[], env: Readonly<Record<string, string>>) {
  let exitCode = 0
  let output = ''
  for (const step of steps) {
    if (!runsAfter(step, exitCode !== 0, folder)) continue
    const PATH = [...(env.PATH ? [env.PATH] : []), resolve('bin'), join(process.execPath, '..'), process.env.PATH].join(
      ':',
    )
    const ended = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', step.script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...step.env, ...env, PATH },
    })
    output += `${ended.stdout}${ended.stderr}`
    if (exitCode === 0) exitCode = ended.status ?? 1
  }
  return { exitCode, output }
}

function commit(clone: string, branch: string): string {
  git(clone, 'add', '-A')
  git(clone, 'commit', '-q', '-m', branch)
  git(clone, 'push', '-q', '-f', 'origin', branch)
  return git(clone, 'rev-parse', 'HEAD').trim()
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...identity } })
}

const identity = {
  GIT_AUTHOR_NAME: 'T',
  GIT_AUTHOR_EMAIL: 't@example.com',
  GIT_COMMITTER_NAME: 'T',
  GIT_COMMITTER_EMAIL: 't@example.com',
}
