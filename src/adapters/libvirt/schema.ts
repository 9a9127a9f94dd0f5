import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findingOf } from '../../core/finding.ts'
import type { Finding } from '../../core/outputs.ts'
import { printable } from '../../core/printable.ts'
import { problemsOf } from '../../core/problem.ts'
import type { Runner } from '../../ports/runner.ts'
import { together } from './together.ts'

const tool = 'virt-xml-validate'
// What that script calls, with one file; reading the schema takes it longer than looking at hundreds of domains.
const validator = 'xmllint'

// xmllint(1), whose exit code virt-xml-validate passes on.
const invalid = 3
const timeoutSeconds = 60
// Less than starting the validator takes.
const momentMilliseconds = 20

const rule = {
  id: 'domain_schema',
  severity: 'error',
  hint: 'update libvirt on this host, or remove what the schema does not know',
} as const

/** Looks at a file with a domain's XML. */
export type CheckSchema = (path: string, signal: AbortSignal) => Promise<Finding>

interface Asked {
  readonly path: string
  readonly signal: AbortSignal
}

/**
 * Whether a domain's XML fits the schemas of the libvirt that is installed here. Where its validator is not, the finding says
 * that nobody looked. Files that are asked for at the same time are looked at together; of one that does not fit, or that
 * could not be looked at with others, the finding is what libvirt's own tool says of it alone.
 */
export function domainSchema(runner: Runner, findTool: (name: string) => string | undefined): CheckSchema {
  const fitsWithOthers = together<Asked, boolean>(momentMilliseconds, async (asked) => {
    const schema = schemaBeside(findTool(tool))
    if (schema === undefined || !findTool(validator)) return asked.map(() => false)
    const signal = AbortSignal.any([...new Set(asked.map((one) => one.signal))])
    const paths = asked.map(({ path }) => path)
    const fit = await thatFit(paths, (files) => look(runner, schema, files, signal))
    return paths.map((path) => fit.includes(path))
  })
  return async (path, signal) => {
    if (!findTool(tool)) {
      return findingOf(rule, path, { ok: true, evidence: `not looked at: ${tool} is not installed (libvirt-clients)` })
    }
    signal.throwIfAborted()
    if (await fitsWithOthers({ path, signal })) return fits(path)
    return await lookAlone(runner, path, signal)
  }
}

/** What a validator made of some files. */
interface Looked {
  readonly exitCode: number
  /** Of these it said that they fit; a message about another could say so too. */
  readonly praised: readonly string[]
}

/** Those that are known to fit: nothing was wrong while they were looked at. */
async function thatFit(
  paths: readonly string[],
  lookAt: (paths: readonly string[]) => Promise<Looked>,
): Promise<readonly string[]> {
  const { exitCode, praised } = await lookAt(paths)
  if (exitCode === 0) return praised
  if (exitCode !== invalid || praised.length === 0) return []
  const again = await lookAt(praised)
  return again.exitCode === 0 ? again.praised : []
}

async function look(runner: Runner, schema: string, paths: readonly string[], signal: AbortSignal): Promise<Looked> {
  const args = ['--noout', '--relaxng', schema, ...paths]
  try {
    const { exitCode, stderr } = await runner.run({ file: validator, args, answers: 'any', timeoutSeconds }, signal)
    const said = new Set(stderr.split('\n'))
    return { exitCode, praised: paths.filter((path) => said.has(`${path} validates`)) }
  } catch (error) {
    // One that takes for ever, or is not wanted any more, says nothing about the others: each is looked at alone.
    if (problemsOf(error) || signal.aborted) return { exitCode: -1, praised: [] }
    throw error
  }
}

async function lookAlone(runner: Runner, path: string, signal: AbortSignal): Promise<Finding> {
  const command = { file: tool, args: [path, 'domain'], answers: 'any' as const, timeoutSeconds }
  const { exitCode, stdout, stderr } = await runner.run(command, signal)
  if (exitCode === 0) return fits(path)
  const said = printable(`${stderr}\n${stdout}`.trim().split('\n').slice(0, 3).join(' | '))
  if (exitCode === invalid) return findingOf(rule, path, { ok: false, evidence: said })
  return findingOf(rule, path, { ok: true, evidence: `not looked at: ${tool} failed with ${exitCode}: ${said}` })
}

function fits(path: string): Finding {
  return findingOf(rule, path, { ok: true, evidence: 'it fits libvirt’s schema' })
}

/** The schema that the tool uses: a libvirt's own lie beside its programs. */
function schemaBeside(found: string | undefined): string | undefined {
  if (found === undefined) return undefined
  const schema = join(dirname(realpathSync(found)), '../share/libvirt/schemas/domain.rng')
  return existsSync(schema) ? schema : undefined
}
