import { loadConfig } from '../app/load-workspace.ts'
import { printable } from '../core/printable.ts'
import { type Problem, problem, problemsOf } from '../core/problem.ts'
import { decodeXml } from '../core/xml-guard.ts'
import { type DomainFlags, importDomain } from './import-domain.ts'
import { type ImportFlags, importMachine } from './import-machine.ts'
import { listenForInterrupts } from './interrupt.ts'
import { readInput } from './read-input.ts'
import { connectTools, openWorkspace } from './wiring.ts'
import type { Imported, ImportedMachines } from './written-manifest.ts'

export interface SourceFlags extends ImportFlags, DomainFlags {
  readonly 'libvirt-xml'?: readonly string[] | undefined
  /** Names or UUIDs at `uri`. */
  readonly domain?: readonly string[] | undefined
  readonly uri?: string | undefined
  /** Of the workspace, in place of `uri`. */
  readonly connection?: string | undefined
}

type Source = (signal: AbortSignal) => Promise<Imported>

/**
 * Imports the machines of the one kind of source that a command line names; one that is refused does not hide the others.
 * @throws ProblemError USAGE for none or several kinds
 */
export async function importSources(files: readonly string[], flags: SourceFlags): Promise<ImportedMachines> {
  const { 'libvirt-xml': texts = [], domain: domains = [] } = flags
  if ([files, texts, domains].filter(({ length }) => length > 0).length !== 1) {
    throw problem('USAGE', 'name one kind of source: files, --libvirt-xml or --domain', { hint: 'h2k import --help' })
  }
  const sources: readonly Source[] = [
    ...files.map((file) => fromFile(file, flags)),
    ...texts.map((file) => fromXml(file, flags)),
    ...domains.map((name) => fromLibvirt(name, flags)),
  ]
  if (sources.length > 1 && (flags.name !== undefined || flags.out !== undefined)) {
    throw problem('USAGE', '--name and --out are for one machine', { hint: 'import the files one by one' })
  }
  return await importEach(sources)
}

function fromFile(file: string, flags: SourceFlags): Source {
  return (signal) => importMachine(file, flags, signal)
}

function fromXml(file: string, flags: SourceFlags): Source {
  const label = file === '-' ? 'standard input' : file
  return async (signal) => importDomain(decodeXml(await readInput(file), label), label, flags, signal)
}

function fromLibvirt(name: string, flags: SourceFlags): Source {
  return async (signal) => {
    const uri = flags.connection === undefined ? (flags.uri ?? 'qemu:///system') : uriOf(flags.connection, flags.folder)
    const { xml, running, sizes } = await connectTools().importedDomain(uri, name, signal)
    const copied = flags.connection === undefined ? '' : ', or have its cutover copy it again: cutover.source_action'
    const moving = `the domain is running, and its disks change: shut it down before h2k apply${copied}`
    return importDomain(xml, `domain ${printable(name)} of ${uri}`, flags, signal, {
      warnings: running ? [moving] : [],
      sizes,
    })
  }
}

function uriOf(connection: string, folder: string): string {
  const { connections = {} } = loadConfig(openWorkspace(folder).files)
  const known = Object.hasOwn(connections, connection) ? connections[connection] : undefined
  if (known?.type === 'libvirt') return known.uri ?? 'qemu:///system'
  throw problem('CONNECTION_UNKNOWN', `--connection ${connection}: h2k.yaml has no such connection to a libvirt`, {
    hint: `connections: {${connection}: {type: libvirt, uri: …}}`,
  })
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
