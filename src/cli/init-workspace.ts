import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { editedSchemas } from '../core/language/schema-names.ts'
import { problem } from '../core/problem.ts'
import { packageRoot } from './package-root.ts'
import { makeFolder, writeText } from './user-files.ts'

/**
 * Writes `h2k.yaml` and other `files`, `.gitignore`, `schemas/` and `manifests/`; a workspace is not made twice, nor is one of
 * the files replaced.
 */
export async function initWorkspace(
  folder: string,
  files: Readonly<Record<string, string>> = { 'h2k.yaml': configText(workspaceName(folder)) },
): Promise<string[]> {
  if (existsSync(join(folder, 'h2k.yaml'))) {
    throw problem('WORKSPACE_EXISTS', `${folder} is a workspace already`, { hint: 'h2k validate' })
  }
  const taken = Object.keys(files).find((name) => existsSync(join(folder, name)))
  if (taken !== undefined) {
    throw problem('WORKSPACE_EXISTS', `${join(folder, taken)} exists`, { hint: 'name another folder: -C FOLDER' })
  }
  await makeFolder(join(folder, 'manifests'))
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    await makeFolder(dirname(path))
    await writeText(
      path,
      name === 'h2k.yaml' ? `# yaml-language-server: $schema=schemas/workspace.json\n${text}` : text,
    )
    written.push(path)
  }
  written.push(...(await writeSchemas(join(folder, 'schemas'))))
  const ignore = join(folder, '.gitignore')
  if (!existsSync(ignore)) {
    await writeText(ignore, '.h2k/\noutput/\n')
    written.push(ignore)
  }
  return written
}

/** What an editor completes and checks the files with, by their `yaml-language-server` lines. */
async function writeSchemas(folder: string): Promise<string[]> {
  await makeFolder(folder)
  const names = editedSchemas.map((name) => `${name}.json`)
  for (const name of names) await copyFile(join(packageRoot, 'schemas', name), join(folder, name))
  return names.map((name) => join(folder, name))
}

/** A name for the workspace in a folder. */
export function workspaceName(folder: string): string {
  const name = basename(folder)
    .replace(/[^a-zA-Z0-9._-]/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, 100)
  return name || 'workspace'
}

function configText(name: string): string {
  return `# What holds for all machines of this workspace. \`h2k schema workspace\` prints every key.
h2k_version: 1
name: ${JSON.stringify(name)}

# What was done is recorded here; the folder does not belong into git.
state: {backend: sqlite, path: .h2k/state.db}
work_directory: .h2k/work

# One file a machine. \`h2k import FILE\` writes them.
include: ["manifests/**/*.{yaml,yml,json}", "batches/*.{yaml,yml,json}"]

# Where machines go. Without a target a machine becomes a folder under output/, with its disks and a domain.xml.
# domain_type is kvm, or qemu for software emulation.
connections:
  out: {type: files, domain_type: kvm}
defaults: {target: out}

# How many copies, and how many stages in all, run at the same time.
concurrency: {disk_io: 3, global: 10}
`
}
