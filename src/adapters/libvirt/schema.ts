import { findingOf } from '../../core/finding.ts'
import type { Finding } from '../../core/outputs.ts'
import { printable } from '../../core/printable.ts'
import type { Runner } from '../../ports/runner.ts'

const tool = 'virt-xml-validate'

// xmllint(1), whose exit code it passes on.
const invalid = 3

const rule = {
  id: 'domain_schema',
  severity: 'error',
  hint: 'update libvirt on this host, or remove what the schema does not know',
} as const

/**
 * Whether a domain's XML fits the schemas of the libvirt that is installed here. Where its validator is not, the finding says
 * that nobody looked.
 */
export async function checkDomainSchema(
  runner: Runner,
  findTool: (name: string) => string | undefined,
  path: string,
  signal: AbortSignal,
): Promise<Finding> {
  if (!findTool(tool)) {
    return findingOf(rule, path, { ok: true, evidence: `not looked at: ${tool} is not installed (libvirt-clients)` })
  }
  const command = { file: tool, args: [path, 'domain'], answers: 'any' as const, timeoutSeconds: 60 }
  const { exitCode, stdout, stderr } = await runner.run(command, signal)
  const valid = exitCode === 0
  const said = printable(`${stderr}\n${stdout}`.trim().split('\n').slice(0, 3).join(' | '))
  if (valid) return findingOf(rule, path, { ok: true, evidence: 'it fits libvirt’s schema' })
  if (exitCode === invalid) return findingOf(rule, path, { ok: false, evidence: said })
  return findingOf(rule, path, { ok: true, evidence: `not looked at: ${tool} failed with ${exitCode}: ${said}` })
}
