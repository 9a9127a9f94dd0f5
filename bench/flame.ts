import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CpuProfile, flameGraph } from './flame-graph.ts'
import { sh } from './measure.ts'
import { writeUsr } from './usr-disk.ts'
import { h2k, makeWorkspace } from './workspace.ts'

// Where the time goes on the hot paths: flame graphs of `--cpu-prof` for docs/profiles.
// `node bench/flame.ts [MIB of data] [MACHINES]`
const [mib = 1200, machines = 2000] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-flame-'))
mkdirSync('docs/profiles', { recursive: true })

try {
  profileCopy('raw')
  profileCopy('qcow2')
  profilePlan()
} finally {
  rmSync(folder, { recursive: true })
}

/** A machine of one streamOptimized disk, whole. */
function profileCopy(format: string): void {
  const [raw, workspace] = [join(folder, 'source.raw'), join(folder, `copy-${format}`)]
  const copied = writeUsr(raw, mib)
  for (const name of ['manifests', 'images']) mkdirSync(join(workspace, name), { recursive: true })
  const stream = join(workspace, 'images/disk.vmdk')
  sh('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, stream])
  writeFileSync(join(workspace, 'h2k.yaml'), 'h2k_version: 1\nname: flame\n')
  writeFileSync(
    join(workspace, 'manifests/web01.yaml'),
    `manifest_version: "1.0"
source: {provider: local, vm_name: web01, export_method: ovftool}
vm: {cpu: 2, mem_gb: 4, firmware: bios, os_hint: debian}
disks: [{id: boot, source_format: vmdk, bytes: ${statSync(raw).size}, local_path: ../images/disk.vmdk, boot_order_hint: 0}]
output: {format: ${format}}
`,
  )
  profile(`copy-to-${format}`, `apply of ${copied} MiB, streamOptimized to ${format}`, workspace, [
    'apply',
    '--auto-approve',
  ])
  rmSync(workspace, { recursive: true })
}

/** Machines that are all as git says. */
function profilePlan(): void {
  const workspace = makeWorkspace(machines)
  try {
    sh(h2k, ['-C', workspace, 'apply', '--auto-approve', '--parallel', '10'])
    profile('plan', `plan of ${machines} machines, nothing to do`, workspace, ['plan'])
  } finally {
    rmSync(workspace, { recursive: true })
  }
}

function profile(name: string, about: string, workspace: string, command: readonly string[]): void {
  const profiles = join(folder, name)
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--cpu-prof', `--cpu-prof-dir=${profiles}`, 'dist/main.js', '-C', workspace, ...command],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${command.join(' ')}: ${status} ${stderr}`)
  const threads = readdirSync(profiles).map(
    (file) => JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile,
  )
  writeFileSync(`docs/profiles/${name}.svg`, flameGraph(threads, about))
  console.log(`docs/profiles/${name}.svg: ${about}, ${threads.length} threads`)
}
