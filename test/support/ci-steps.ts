import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A step of a pipeline as a shell runs it. */
export interface Step {
  readonly name: string
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  /** Runs also after a failure, if this file is there. */
  readonly always?: string
}

interface Workflow {
  readonly env?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, { readonly steps: readonly GithubStep[] }>>
}

interface GithubStep {
  readonly name?: string
  readonly run?: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The `run` steps of a workflow of GitHub Actions. `values`: what each expression in an `env` comes to. */
export function githubSteps(file: string, values: Readonly<Record<string, string>>): readonly Step[] {
  const { env = {}, jobs } = parse(readFileSync(file, 'utf8')) as Workflow
  return Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap((step): readonly Step[] => {
      if (step.run === undefined) return []
      const file = /hashFiles\('([^']+)'\)/.exec(step.if ?? '')?.[1]
      const always = file !== undefined && step.if?.includes('!cancelled()') ? { always: file } : {}
      return [{ name: step.name ?? '', script: step.run, env: expanded({ ...env, ...step.env }, values), ...always }]
    }),
  )
}

function expanded(env: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>) {
  const value = (text: string) =>
    text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => values[expression] ?? '')
  return Object.fromEntries(Object.entries(env).map(([key, text]) => [key, value(String(text))]))
}

/** The script of a job of GitLab CI. */
export function gitlabSteps(file: string, job: string): readonly Step[] {
  const pipeline = parse(readFileSync(file, 'utf8')) as Readonly<
    Record<string, { readonly script: readonly string[] }>
  > & {
    readonly variables: Readonly<Record<string, string>>
  }
  const { script = [] } = pipeline[job] ?? {}
  return script.map((line) => ({ name: line, script: line, env: pipeline.variables }))
}

/** The `sh` steps of a stage of a Jenkinsfile. */
export function jenkinsSteps(file: string, stage: string): readonly Step[] {
  const text = readFileSync(file, 'utf8')
  const [, own = ''] = text.split(`stage('${stage}')`)
  const [body = ''] = own.split(/\n {4}stage\(/)
  return [...body.matchAll(/sh '''\n(.*?)'''/gs)].map(([, script = '']) => ({
    name: stage,
    script,
    env: { WORKSPACE_FOLDER: '.' },
  }))
}

/** The `run` steps of a workflow of Atlantis. */
export function atlantisSteps(file: string, phase: 'plan' | 'apply'): readonly Step[] {
  const { workflows } = parse(readFileSync(file, 'utf8')) as {
    readonly workflows: {
      readonly h2k: Readonly<Record<string, { readonly steps: readonly { readonly run: string }[] }>>
    }
  }
  return (workflows.h2k[phase]?.steps ?? []).map(({ run }) => ({ name: run, script: run, env: {} }))
}

/** Whether a step runs, after others that ended so far. */
export function runsAfter({ always }: Step, failed: boolean, folder: string): boolean {
  return !failed || (always !== undefined && existsSync(join(folder, always)))
}
