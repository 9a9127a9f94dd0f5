import { type Problem, problem, problemsOf } from '../core/problem.ts'
import { decodeXml } from '../core/xml-guard.ts'
import { type DomainFlags, importDomain } from './import-domain.ts'
import { type ImportFlags, importMachine } from './import-machine.ts'
import { listenForInterrupts } from './interrupt.ts'
import { readInput } from './read-input.ts'
import type { Imported, ImportedMachines } from './written-manifest.ts'

export interface SourceFlags extends ImportFlags, DomainFlags {
  readonly 'libvirt-xml'?: readonly string[] | undefined
}

type Source = (signal: AbortSignal) => Promise<Imported>

/**
 * Imports the machines of the one kind of source that a command line names; one that is refused does not hide the others.
 * @throws ProblemError USAGE for none or several kinds
 */
export async function importSources(files: readonly string[], flags: SourceFlags): Promise<ImportedMachines> {
  const domains = flags['libvirt-xml'] ?? []
  if ((files.length === 0) === (domains.length === 0)) {
    throw problem('USAGE', 'name one kind of source: files, or --libvirt-xml', { hint: 'h2k import --help' })
  }
  const sources: readonly Source[] = [
    ...files.map(
      (file): Source =>
        (signal) =>
          importMachine(file, flags, signal),
    ),
    ...domains.map(
      (file): Source =>
        (signal) =>
          importXml(file, flags, signal),
    ),
  ]
  if (sources.length > 1 && (flags.name !== undefined || flags.out !== undefined)) {
    throw problem('USAGE', '--name and --out are for one machine', { hint: 'import the files one by one' })
  }
  return await importEach(sources)
}

async function importXml(file: string, flags: SourceFlags, signal: AbortSignal): Promise<Imported> {
  const label = file === '-' ? 'standard input' : file
  return await importDomain(decodeXml(await readInput(file), label), label, flags, signal)
}

async function importEach(sources: readonly Source[]): Promise<ImportedMachines> {
  const interrupts = listenForInterrupts(() => undefined)
  const imported: Imported[] = []
  const problems: Problem[] = []
  try {
    for (const source of sources) {
      try {
        imported.push(await source(interrupts.signal))
      } catch (error) {
        const known = problemsOf(error)
        if (!known) throw error
        problems.push(...known)
        if (interrupts.signal.aborted) break
      }
    }
    return { imported, problems }
  } finally {
    interrupts.stop()
  }
}
