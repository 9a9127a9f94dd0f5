import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { manifestYaml } from '../core/described-manifest.ts'
import type { Manifest } from '../core/language/manifest.ts'
import { fileNameOf, printable } from '../core/printable.ts'
import { type Problem, problem } from '../core/problem.ts'
import { makeFolder, writeText } from './user-files.ts'

/** Where the manifest of an import goes. */
export interface ManifestPlace {
  /** The workspace. */
  readonly folder: string
  /** `-` is standard output; without it `manifests/NAME.yaml`. */
  readonly out?: string | undefined
  readonly force: boolean
}

export interface Imported {
  readonly text: string
  /** Where the manifest was written; undefined when it is for standard output. */
  readonly file?: string
  readonly name: string
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
}

export interface ImportedMachines {
  readonly imported: readonly Imported[]
  /** Why others were not. */
  readonly problems: readonly Problem[]
}

/** The file that a machine's manifest goes to; undefined for standard output. */
export function manifestFile(name: string, { folder, out }: ManifestPlace): string | undefined {
  return out === '-' ? undefined : resolve(out ?? join(folder, 'manifests', `${fileNameOf(name)}.yaml`))
}

/** A path as that manifest names it. */
export function fromManifest(file: string | undefined, target: string): string {
  return relative(file ? dirname(file) : process.cwd(), target) || '.'
}

/** Writes it with the comments above its keys. @throws ProblemError WORKSPACE_EXISTS, FILE_UNREADABLE */
export async function writeManifest(
  manifest: Manifest,
  comments: Readonly<Record<string, string>>,
  name: string,
  place: ManifestPlace,
): Promise<Imported> {
  const file = manifestFile(name, place)
  const text = withSchemaLine(manifestYaml(manifest, comments), place.folder, file)
  if (file !== undefined) {
    if (existsSync(file) && !place.force) {
      throw problem('WORKSPACE_EXISTS', `${file} exists`, { hint: '--force overwrites it, --out names another file' })
    }
    await makeFolder(dirname(file))
    await writeText(file, text)
  }
  return {
    text,
    name: printable(name),
    notes: (manifest.notes ?? []).map(String),
    warnings: (manifest.warnings ?? []).map(({ message }) => message),
    ...(file === undefined ? {} : { file }),
  }
}

function withSchemaLine(text: string, folder: string, file: string | undefined): string {
  const schema = join(folder, 'schemas', 'manifest.json')
  if (file === undefined || !existsSync(schema)) return text
  return `# yaml-language-server: $schema=${relative(dirname(file), schema)}\n${text}`
}

/** `NAME=VALUE` flags, cut at the last `=` unless at the first. @throws ProblemError USAGE */
export function pairsOf(flag: string, values: readonly string[], example: string): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const cut = value.lastIndexOf('=')
      if (cut > 0 && cut < value.length - 1) return [value.slice(0, cut), value.slice(cut + 1)]
      throw problem('USAGE', `${flag} ${printable(value)}: it is written like ${example}`, {
        hint: `${flag} ${example}`,
      })
    }),
  )
}

export const networkComment =
  'Where each network of the source goes: a bridge (br0), or {network: default} for libvirt’s.'
