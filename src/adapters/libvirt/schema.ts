import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findingOf } from '../../core/finding.ts'
import type { Finding } from '../../core/outputs.ts'
import { printable } from '../../core/printable.ts'
import type { Runner } from '../../ports/runner.ts'
import { schemaThread } from './schema-thread.ts'

const tool = 'virt-xml-validate'
// xmllint(1), whose exit code that script passes on.
const invalid = 3
const timeoutSeconds = 60

const rule = {
  id: 'domain_schema',
  severity: 'error',
  hint: 'update libvirt on this host, or remove what the schema does not know',
} as const

/** Looks at a file with a domain's XML. */
export type CheckSchema = (path: string, signal: AbortSignal) => Promise<Finding>

/**
 * Whether a domain's XML fits the schemas of the libvirt that is installed here. Where its validator is not, the finding says
 * that nobody looked. That tool reads the schema for each file, which takes far longer than looking at it, so a thread that
 * has read it looks first; of what does not fit, the finding is what libvirt's own tool says.
 */
export function domainSchema(runner: Runner, findTool: (name: string) => string | undefined): CheckSchema {
  const threads = new Map<string, ReturnType<typeof schemaThread>>()
  const threadOf = (schema: string) => {
    const thread = threads.get(schema) ?? schemaThread(schema)
    threads.set(schema, thread)
    return thread
  }
  let found: string | undefined
  return async (path, signal) => {
    found ??= findTool(tool)
    if (!found) {
      return findingOf(rule, path, { ok: true, evidence: `not looked at: ${tool} is not installed (libvirt-clients)` })
    }
    signal.throwIfAborted()
    const schema = schemaBeside(found)
    const known = schema !== undefined && (await threadOf(schema)(path, signal))
    signal.throwIfAborted()
    if (known) return fits(path)
    return await ask(runner, path, signal)
  }
}

async function ask(runner: Runner, path: string, signal: AbortSignal): Promise<Finding> {
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
function schemaBeside(found: string): string | undefined {
  const schema = join(dirname(realpathSync(found)), '../share/libvirt/schemas/domain.rng')
  return existsSync(schema) ? schema : undefined
}
