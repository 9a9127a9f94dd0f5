import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { alternate, median, printTable, sh } from './measure.ts'

// A VMware guest to a qcow2 that boots on KVM: h2k, virt-v2v, and h2k's own repair with one plain copy. H2K_BENCH_ROUNDS (2).
const rounds = Number(process.env.H2K_BENCH_ROUNDS ?? 2)
const targets = { peer: 0.7, floor: 1.15 }
const ova = sh('scripts/test-guest.sh', ['full']).trim()
const folder = mkdtempSync(join(tmpdir(), 'h2k-bench-guest-'))
const program = resolve('bin/h2k')
const stages = new Map<string, number[]>()

const kvm = spawnSync('bash', ['-c', '. scripts/kvm.sh; kvm_works']).status === 0
process.env.LIBGUESTFS_BACKEND = 'direct'
if (!kvm) process.env.LIBGUESTFS_BACKEND_SETTINGS = 'force_tcg'

const disk = join(folder, 'disk1.vmdk')
sh('bash', ['-c', 'tar -xOf "$1" --wildcards "*disk1.vmdk" >"$2"', '-', ova, disk])

const manifest = `manifest_version: "1.0"
source: {provider: ova, path: ${JSON.stringify(ova)}, vm_name: full}
network_mapping: {default_bridge: br0}
pipeline: {fix: {enabled: true, remove_vmware_tools: true}, convert: {enabled: true}}
`

let written = 0

function h2k(): void {
  const workspace = join(folder, 'workspace')
  rmSync(workspace, { recursive: true, force: true })
  mkdirSync(join(workspace, 'manifests'), { recursive: true })
  writeFileSync(join(workspace, 'h2k.yaml'), 'h2k_version: 1\nname: bench\n')
  writeFileSync(join(workspace, 'manifests/full.yaml'), manifest)
  for (const line of sh(program, ['apply', '--auto-approve', '--json'], workspace).split('\n').filter(Boolean)) {
    const { type, stage, seconds } = JSON.parse(line) as { type: string; stage: string; seconds: number }
    if (type === 'stage_done') stages.set(stage, [...(stages.get(stage) ?? []), seconds])
  }
  written = largestFile(join(workspace, 'output/full'))
}

function virtV2v(): void {
  const output = join(folder, 'v2v')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output)
  sh('virt-v2v', ['-i', 'ova', ova, '-o', 'local', '-os', output, '-of', 'qcow2', '--quiet'])
  peerWritten = largestFile(output)
}

let peerWritten = 0

function largestFile(path: string): number {
  return Math.max(...readdirSync(path).map((name) => statSync(join(path, name)).blocks * 512))
}

const copy = () => {
  sh('qemu-img', ['convert', '-f', 'vmdk', '-O', 'qcow2', disk, join(folder, 'copy.qcow2')])
}

try {
  const seconds = alternate(
    [
      { name: 'h2k apply', run: h2k },
      { name: 'virt-v2v', run: virtV2v },
      { name: 'qemu-img convert', run: copy },
    ],
    rounds,
  )
  const of = (name: string) => median(seconds.get(name) ?? [])
  const repair = median(stages.get('inspect') ?? []) + median(stages.get('fix') ?? [])
  seconds.set('inspect and fix, and qemu-img convert', [repair + of('qemu-img convert')])
  printTable(`A Debian 12 in an OVA, 3 GiB, ${kvm ? 'KVM' : 'software emulation'}, ${rounds} rounds`, seconds)
  for (const [stage, values] of stages) console.log(`${stage}: ${median(values).toFixed(1)} s`)
  console.log(
    `\nwritten: h2k ${(written / 2 ** 20).toFixed(0)} MiB, virt-v2v ${(peerWritten / 2 ** 20).toFixed(0)} MiB`,
  )
  const ratio = (name: string) => (of('h2k apply') / of(name)).toFixed(2)
  console.log(`h2k / virt-v2v: ${ratio('virt-v2v')} (at most ${targets.peer})`)
  console.log(`h2k / (repair + one copy): ${ratio('inspect and fix, and qemu-img convert')} (at most ${targets.floor})`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
