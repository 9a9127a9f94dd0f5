import { problem } from '../core/problem.ts'
import type { DomainFlags } from './import-domain.ts'
import { importDomains } from './import-domains.ts'
import { type ImportFlags, importMachine } from './import-machine.ts'
import type { ImportedMachines } from './written-manifest.ts'

export interface SourceFlags extends ImportFlags, DomainFlags {
  readonly 'libvirt-xml'?: readonly string[] | undefined
}

/** Imports the one kind of source that a command line names. @throws ProblemError USAGE for none or several */
export async function importSources(file: string | undefined, flags: SourceFlags): Promise<ImportedMachines> {
  const domains = flags['libvirt-xml'] ?? []
  if ((file === undefined) === (domains.length === 0)) {
    throw problem('USAGE', 'name one source: a file, or --libvirt-xml', { hint: 'h2k import --help' })
  }
  if (file === undefined) return await importDomains(domains, flags)
  return { imported: [await importMachine(file, flags)], problems: [] }
}
