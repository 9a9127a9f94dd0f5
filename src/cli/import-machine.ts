import { basename, extname, resolve } from 'node:path'
import type { DescribedMachine } from '../core/described.ts'
import { describedManifest, type ImportChoices } from '../core/described-manifest.ts'
import { isAddress, sourcePath } from '../core/source-address.ts'
import { describeAddress } from './import-address.ts'
import { connectTools } from './wiring.ts'
import {
  fromManifest,
  type Imported,
  type ManifestPlace,
  manifestFile,
  networkComment,
  pairsOf,
  writeManifest,
} from './written-manifest.ts'

export interface ImportFlags extends ManifestPlace {
  readonly name?: string | undefined
  readonly cpu?: number | undefined
  readonly memory?: number | undefined
  readonly firmware?: 'bios' | 'uefi' | undefined
  readonly bridge?: readonly string[] | undefined
}

/** Describes what is in a file and writes its manifest. */
export async function importMachine(path: string, flags: ImportFlags, signal: AbortSignal): Promise<Imported> {
  const remote = isAddress(path)
  const absolute = sourcePath(path, resolve)
  const provider = providerOf(absolute)
  const described = remote
    ? await describeAddress(absolute, provider, flags.folder, signal)
    : await describe(absolute, provider, signal)
  const name = flags.name ?? described.name ?? basename(path, extname(path))
  const written = remote ? absolute : fromManifest(manifestFile(name, flags), absolute)
  const located =
    provider === 'local'
      ? { ...described, disks: described.disks.map((disk) => ({ ...disk, file: written })) }
      : described
  const choices: ImportChoices = {
    provider,
    name,
    bridges: pairsOf('--bridge', flags.bridge ?? [], '"VM Network=br0"'),
    ...(provider === 'local' ? {} : { path: written }),
    ...(flags.cpu === undefined ? {} : { cpu: flags.cpu }),
    ...(flags.memory === undefined ? {} : { memoryGb: flags.memory }),
    ...(flags.firmware === undefined ? {} : { firmware: flags.firmware }),
  }
  return await writeManifest(describedManifest(located, choices), commentsOn(described, choices), name, flags)
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

function commentsOn(described: DescribedMachine, { cpu, memoryGb, bridges }: ImportChoices): Record<string, string> {
  const guessed = (cpu ?? described.cpu) === undefined || (memoryGb ?? described.memoryMib) === undefined
  const mapped = described.nics.every(({ network }) => Object.hasOwn(bridges, network))
  return {
    ...(guessed ? { vm: 'An image says nothing of CPUs and memory: set them as they were.' } : {}),
    ...(mapped ? {} : { network_mapping: networkComment }),
  }
}
