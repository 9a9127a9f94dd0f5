import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ciRepository, type Job, machine, programs } from '../support/ci-repository.ts'
import { atlantisSteps, githubSteps, gitlabSteps, jenkinsSteps, type Step } from '../support/ci-steps.ts'
import { temporaryFolder } from '../support/machines.ts'
import { workflowChecker } from '../support/workflow-schema.ts'

const github = (name: string) => join('examples/ci/github', `h2k-${name}.yml`)
const gitlab = 'examples/ci/gitlab/.gitlab-ci.yml'
const jenkins = 'examples/ci/jenkins/Jenkinsfile'
const atlantis = 'examples/ci/atlantis/repos.yaml'
const workflows = globSync('examples/ci/github/*.yml')

const ok = ({ exitCode, output }: Job) => expect(exitCode, output).toBe(0)

// What GitHub's program would be asked: comments and plans lie in files beside it.
const gh = `#!/usr/bin/env bash
set -euo pipefail
case "$*" in
  *PATCH*) cp comment.md "$GH_STORE/comment.md"; echo updated >> "$GH_STORE/log" ;;
  *POST*) cp comment.md "$GH_STORE/comment.md"; echo posted >> "$GH_STORE/log" ;;
  *"--paginate"*) [ ! -e "$GH_STORE/comment.md" ] || [ "$(head -n 1 "$GH_STORE/comment.md")" != "$MARKER" ] || echo 17 ;;
  "api "*) echo "$GH_HEAD" ;;
  "run list"*) [[ "$*" == *"--commit $GH_HEAD"* ]]; echo 4711 ;;
  "run download 4711"*) mkdir reviewed; cp "$GH_STORE/review.h2kplan" reviewed/ ;;
  *) echo "gh: $*" >&2; exit 1 ;;
esac
`

test('GitHub understands its workflows, and no expression is part of a script', async () => {
  const errorsOf = await workflowChecker()
  for (const file of workflows) {
    const content = readFileSync(file, 'utf8')
    expect(errorsOf(file, content)).toEqual([])
    expect(errorsOf(file, content.replace('runs-on:', 'run-on:'))).not.toEqual([])
    for (const { script } of githubSteps(file, {})) expect(script).not.toContain('${{')
    expect(parse(content).permissions).toMatchObject({ contents: 'read' })
  }
})

test('shellcheck finds nothing in any script', () => {
  const folder = temporaryFolder()
  const steps = [
    ...workflows.flatMap((file) => githubSteps(file, {})),
    ...['plan', 'apply', 'drift', 'cutover'].flatMap((job) => gitlabSteps(gitlab, job)),
    ...['Validate', 'Plan', 'Apply', 'Drift'].flatMap((stage) => jenkinsSteps(jenkins, stage)),
    ...(['plan', 'apply'] as const).flatMap((phase) => atlantisSteps(atlantis, phase)),
  ]
  expect(steps.length).toBeGreaterThan(20)
  const files = steps.map(({ script }, index) => {
    const file = join(folder, `${index}.sh`)
    writeFileSync(file, `#!/usr/bin/env bash\n${script}\n`)
    return file
  })
  const hook = 'examples/ci/pre-commit/h2k-validate.sh'
  const { status, stdout } = spawnSync('shellcheck', [...files, hook], { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
})

test('GitHub: a pull request is planned, merged, applied; drift is found; what is typed in stays a value', () => {
  const repository = ciRepository()
  const store = temporaryFolder()
  const values = {
    'github.token': 'secret',
    'github.event.pull_request.number': '7',
    'secrets.H2K_PLAN_KEY': generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  }
  const env = {
    PATH: programs({ gh }),
    GH_STORE: store,
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_SHA: 'x',
    GITHUB_STEP_SUMMARY: join(store, 'summary.md'),
  }
  const steps = (name: string, more = {}) => githubSteps(github(name), { ...values, ...more })
  const head = repository.push('web02', { 'manifests/web02.yaml': machine(repository.kept) })
  const planned = repository.job('web02', steps('plan'), env)
  ok(planned)
  expect(planned.output).toContain('::notice file=manifests/web02.yaml,line=1,title=machine.web02::will be created')
  expect(readFileSync(join(store, 'comment.md'), 'utf8')).toContain('## h2k plan of `exit`: 2 to create')
  ok(repository.job('web02', steps('plan'), env))
  expect(readFileSync(join(store, 'log'), 'utf8')).toBe('posted\nupdated\n')
  copyFileSync(join(planned.folder, 'review.h2kplan'), join(store, 'review.h2kplan'))

  repository.merge('web02')
  ok(repository.job('main', steps('apply'), { ...env, GH_HEAD: head }))
  expect(existsSync(join(repository.kept, 'output/web02/domain.xml'))).toBe(true)

  ok(repository.job('main', steps('drift'), env))
  rmSync(join(repository.kept, 'output/web02/domain.xml'))
  expect(repository.job('main', steps('drift'), env).exitCode).toBe(2)
  expect(readFileSync(join(store, 'summary.md'), 'utf8')).toContain('web02')

  // What was reviewed is no longer what would be done: domain.xml has to be written again.
  const stale = repository.job('main', steps('apply'), { ...env, GH_HEAD: head })
  expect(stale.exitCode, stale.output).toBe(4)

  const typed = repository.job('main', steps('cutover', { 'inputs.machine': '$(touch pwned); `touch pwned`' }), env)
  expect(typed.exitCode, typed.output).toBe(1)
  expect(existsSync(join(typed.folder, 'pwned'))).toBe(false)
})

test('GitLab: the reports of a merge request, and the apply of main’s own plan', () => {
  const repository = ciRepository()
  repository.push('web02', { 'manifests/web02.yaml': machine(repository.kept) })
  const planned = repository.job('web02', gitlabSteps(gitlab, 'plan'))
  ok(planned)
  const { artifacts } = parse(readFileSync(gitlab, 'utf8')).plan
  const report = (name: string) => JSON.parse(readFileSync(join(planned.folder, artifacts.reports[name]), 'utf8'))
  expect(report('terraform')).toEqual({ create: 2, update: 0, delete: 0 })
  expect(report('codequality')).toHaveLength(2)
  for (const path of artifacts.paths) expect(existsSync(join(planned.folder, path))).toBe(true)
  repository.merge('web02')
  appliesMain(repository, gitlabSteps(gitlab, 'plan'), gitlabSteps(gitlab, 'apply'))
  ok(repository.job('main', gitlabSteps(gitlab, 'drift')))
})

test('Jenkins and Atlantis: plan, apply, nothing drifted', () => {
  const built = ciRepository()
  const stages = ['Validate', 'Plan', 'Apply', 'Drift'].flatMap((stage) => jenkinsSteps(jenkins, stage))
  expect(stages).toHaveLength(4)
  ok(built.job('main', stages))
  const repository = ciRepository()
  const env = { PLANFILE: join(temporaryFolder(), 'default.tfplan') }
  const steps = [...atlantisSteps(atlantis, 'plan'), ...atlantisSteps(atlantis, 'apply')]
  ok(repository.job('main', steps, env))
  expect(existsSync(join(repository.kept, 'output/web01/domain.xml'))).toBe(true)
})

test('the hook refuses a commit by what is staged', () => {
  const { hooks, folder, commit } = hooked()
  mkdirSync(join(folder, 'manifests'))
  writeFileSync(join(folder, 'h2k.yaml'), 'h2k_version: 1\nname: exit\n')
  writeFileSync(join(folder, 'manifests/a.yaml'), 'vm: {cpus: 2}\n')
  execFileSync('git', ['add', '-A'], { cwd: folder })
  writeFileSync(join(folder, 'manifests/a.yaml'), machine('/images'))
  expect(commit().stderr).toContain('manifests/a.yaml:1:6 error KEY_UNKNOWN')
  execFileSync('git', ['add', '-A'], { cwd: folder })
  expect(commit().status).toBe(0)
  expect(hooks[0]).toMatchObject({ id: 'h2k-validate', language: 'script', pass_filenames: false })
  expect(existsSync(hooks[0].entry)).toBe(true)
})

/** A repository with the hook that `.pre-commit-hooks.yaml` names. */
function hooked() {
  const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'))
  const folder = temporaryFolder()
  execFileSync('git', ['init', '-q'], { cwd: folder })
  copyFileSync(hooks[0].entry, join(folder, '.git/hooks/pre-commit'))
  const PATH = [resolve('bin'), join(process.execPath, '..'), process.env.PATH].join(':')
  const commit = () =>
    spawnSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '-q', '-m', 'a'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH },
    })
  return { hooks, folder, commit }
}

function appliesMain(repository: ReturnType<typeof ciRepository>, plan: readonly Step[], apply: readonly Step[]): void {
  ok(repository.job('main', [...plan, ...apply]))
  expect(existsSync(join(repository.kept, 'output/web02/domain.xml'))).toBe(true)
}
