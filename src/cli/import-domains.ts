import { type Problem, problem, problemsOf } from '../core/problem.ts'
import { decodeXml } from '../core/xml-guard.ts'
import { type DomainFlags, importDomain } from './import-domain.ts'
import { listenForInterrupts } from './interrupt.ts'
import { readInput } from './read-input.ts'
import type { Imported, ImportedMachines } from './written-manifest.ts'

/** Writes a manifest for each domain XML, `-` being standard input; one that is refused does not hide the others. */
export async function importDomains(files: readonly string[], flags: DomainFlags): Promise<ImportedMachines> {
  if (files.length > 1 && (flags.name !== undefined || flags.out !== undefined)) {
    throw problem('USAGE', '--name and --out are for one machine', { hint: 'import the files one by one' })
  }
  const interrupts = listenForInterrupts(() => undefined)
  const imported: Imported[] = []
  const problems: Problem[] = []
  try {
    for (const file of files) {
      const label = file === '-' ? 'standard input' : file
      try {
        imported.push(await importDomain(decodeXml(await readInput(file), label), label, flags, interrupts.signal))
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
