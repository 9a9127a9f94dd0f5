import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import type { DescribedMachine } from '../core/described.ts'
import { describedManifest, type ImportChoices, manifestYaml } from '../core/described-manifest.ts'
import { fileNameOf, printable } from '../core/printable.ts'
import { problem } from '../core/problem.ts'
import { listenForInterrupts } from './interrupt.ts'
import { writeText } from './user-files.ts'
import { connectTools } from './wiring.ts'

export interface ImportFlags {
  readonly folder: string
  readonly name?: string | undefined
  readonly cpu?: number | undefined
  readonly memory?: number | undefined
  readonly firmware?: 'bios' | 'uefi' | undefined
  readonly bridge?: readonly string[] | undefined
  readonly out?: string | undefined
  readonly force: boolean
}

export interface Imported {
  readonly text: string
  /** Where the manifest was written; undefined when it is for standard output. */
  readonly file?: string
  readonly name: string
  readonly notes: readonly string[]
}

/** Describes what is in a file and writes its manifest. */
export async function importMachine(path: string, flags: ImportFlags): Promise<Imported> {
  const interrupts = listenForInterrupts(() => undefined)
  try {
    const absolute = resolve(path)
    const provider = providerOf(absolute)
    const described = await describe(absolute, provider, interrupts.signal)
    const name = flags.name ?? described.name ?? basename(path, extname(path))
    const file =
      flags.out === '-' ? undefined : resolve(flags.out ?? join(flags.folder, 'manifests', `${fileNameOf(name)}.yaml`))
    const fromManifest = (target: string) => relative(file ? dirname(file) : process.cwd(), target) || '.'
    const located =
      provider === 'local'
        ? { ...described, disks: described.disks.map((disk) => ({ ...disk, file: fromManifest(absolute) })) }
        : described
    const choices: ImportChoices = {
      provider,
      name,
      bridges: bridgesOf(flags.bridge ?? []),
      ...(provider === 'local' ? {} : { path: fromManifest(absolute) }),
      ...(flags.cpu === undefined ? {} : { cpu: flags.cpu }),
      ...(flags.memory === undefined ? {} : { memoryGb: flags.memory }),
      ...(flags.firmware === undefined ? {} : { firmware: flags.firmware }),
    }
    const text = withSchemaLine(
      manifestYaml(describedManifest(located, choices), commentsOn(described, choices)),
      flags.folder,
      file,
    )
    if (file !== undefined) {
      if (existsSync(file) && !flags.force) {
        throw problem('WORKSPACE_EXISTS', `${file} exists`, { hint: '--force overwrites it, --out names another file' })
      }
      await mkdir(dirname(file), { recursive: true })
      await writeText(file, text)
    }
    return { text, name: printable(name), notes: described.warnings, ...(file === undefined ? {} : { file }) }
  } finally {
    interrupts.stop()
  }
}

function providerOf(path: string): 'local' | 'ova' | 'ovf' {
  const ending = extname(path).toLowerCase()
  return ending === '.ova' ? 'ova' : ending === '.ovf' ? 'ovf' : 'local'
}

async function describe(
  path: string,
  provider: 'local' | 'ova' | 'ovf',
  signal: AbortSignal,
): Promise<DescribedMachine> {
  const { archives, disks, detectImageFormat } = connectTools()
  if (provider !== 'local') return await archives[provider].describe(path, signal)
  const format = await detectImageFormat(path, signal)
  const { virtualBytes } = await disks.header({ path, format }, signal)
  const disk = { id: 'boot', file: path, virtualBytes, format, bus: 'scsi' as const }
  return { disks: [disk], nics: [], warnings: [] }
}

function bridgesOf(flags: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    flags.map((flag) => {
      const cut = flag.lastIndexOf('=')
      if (cut > 0 && cut < flag.length - 1) return [flag.slice(0, cut), flag.slice(cut + 1)]
      throw problem('USAGE', `--bridge ${flag}: it is NETWORK=BRIDGE`, { hint: '--bridge "VM Network=br0"' })
    }),
  )
}

function commentsOn(described: DescribedMachine, { cpu, memoryGb, bridges }: ImportChoices): Record<string, string> {
  const guessed = (cpu ?? described.cpu) === undefined || (memoryGb ?? described.memoryMib) === undefined
  const mapped = described.nics.every(({ network }) => Object.hasOwn(bridges, network))
  return {
    ...(guessed ? { vm: 'An image says nothing of CPUs and memory: set them as they were.' } : {}),
    ...(mapped
      ? {}
      : {
          network_mapping:
            'Where each network of the source goes: a bridge (br0), or {network: default} for libvirt’s.',
        }),
  }
}

function withSchemaLine(text: string, folder: string, file: string | undefined): string {
  const schema = join(folder, 'schemas', 'manifest.json')
  if (file === undefined || !existsSync(schema)) return text
  return `# yaml-language-server: $schema=${relative(dirname(file), schema)}\n${text}`
}
