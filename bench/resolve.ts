import { loadWorkspace } from '../src/app/load-workspace.ts'
import { offlineProblems } from '../src/app/subjects.ts'
import type { Json } from '../src/core/json.ts'
import { type WorkspaceConfig, workspaceSchema } from '../src/core/language/workspace.ts'
import type { ParseCache, WorkspaceFiles } from '../src/ports/workspace-files.ts'
import { median } from './measure.ts'

// How long it takes to lay machines over their profiles, check and resolve them, once their files are parsed.
// `node bench/resolve.ts [MACHINES]`
const machines = Number(process.argv[2] ?? 10_000)
const profiles = ['web', 'db', 'batch', 'windows-server', 'archive-copy']

const texts = new Map<string, string>([
  [
    'profiles/base.yaml',
    'extends: production\nnetwork_mapping: {default_bridge: br0}\npipeline: {convert: {compression: zstd, compress_level: null}}\n',
  ],
  ...profiles.map(
    (name, index) =>
      [
        `profiles/${name}.yaml`,
        `extends: base\nvm: {cpu: ${index + 1}}\nwhen:\n  - {os: windows, pipeline: {fix: {enabled: false}}}\n`,
      ] as const,
  ),
])
for (let index = 0; index < machines; index++) {
  texts.set(
    `manifests/vm${index}.yaml`,
    `manifest_version: "1.0"
profile: ${profiles[index % profiles.length]}
source: {provider: local, vm_name: vm${index}}
vm: {mem_gb: 4, os_hint: ${index % 2 ? 'windows' : 'debian'}}
disks: [{id: boot, source_format: vmdk, bytes: 1048576, local_path: ../images/vm${index}.vmdk}]
nics: [{id: nic0, mac: "00:50:56:${[index >> 16, index >> 8, index].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':')}", network: LAN}]
output: {directory: ../output/vm${index}}
`,
  )
}

const names = [...texts.keys()]
const files: WorkspaceFiles = {
  root: '/bench',
  find: async () => names.filter((name) => name.startsWith('manifests/')),
  list: (folder) => names.filter((name) => name.startsWith(`${folder}/`)),
  read: (file) => Buffer.from(texts.get(file) ?? productionProfile(file)),
  relative: (path) => path.replace('/bench/', ''),
  builtInProfiles: () => ['production.yaml'],
  resolve: (_file, path) => (path.startsWith('../') ? `/bench/${path.slice(3)}` : `/bench/${path}`),
  join: (folder, name) => `${folder}/${name}`,
}
function productionProfile(file: string): string {
  if (file === 'production.yaml')
    return 'pipeline: {inspect: {enabled: true}, fix: {enabled: true}, convert: {enabled: true, compress: true}, validate: {enabled: true}}\n'
  throw new Error(`no file ${file}`)
}

const config: WorkspaceConfig = workspaceSchema.parse({ h2k_version: 1, name: 'bench' })

/** Keeps what was parsed; `checked` says whether also that it passed. */
function cacheOf(kept: Map<string, Json>, checked: boolean): ParseCache {
  return {
    get: (key) => (checked || !key.startsWith('passed ') ? kept.get(key) : undefined),
    set: (key, value) => void kept.set(key, value),
    save: async () => undefined,
  }
}

const parsed = new Map<string, Json>()
console.log(`\n| ${machines} machines on ${profiles.length} profiles | seconds (median of 5) |\n| --- | --- |`)
await measure('parsing', 1, () => loadWorkspace(config, files, cacheOf(parsed, false), 'bench'))
await measure('reading the parsed files, merging, checking', 5, () =>
  loadWorkspace(config, files, cacheOf(parsed, false), 'bench'),
)
const loaded = await measure('the same, checked before', 5, () =>
  loadWorkspace(config, files, cacheOf(parsed, true), 'bench'),
)
const problems = await measure('resolving every machine', 5, async () =>
  offlineProblems(loaded.machines, { config, files }),
)
if (loaded.machines.length !== machines || loaded.problems.length + problems.length > 0) {
  throw new Error(JSON.stringify([...loaded.problems, ...problems].slice(0, 3)))
}

async function measure<T>(what: string, rounds: number, work: () => Promise<T>): Promise<T> {
  const seconds: number[] = []
  let result: T | undefined
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now()
    result = await work()
    seconds.push((performance.now() - begun) / 1000)
  }
  console.log(`| ${what} | ${median(seconds).toFixed(2)} |`)
  return result as T
}
