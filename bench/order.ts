import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { served } from './https-server.ts'
import { median, sh } from './measure.ts'

// A guest that is repaired: an overlay over the source and one copy of both, as h2k does it, or a copy first, which is repaired
// then. What the second order would need besides, to take its overlay into the copy, is not counted against it.
// `node bench/order.ts [ROUNDS] [words of the kinds]`
const rounds = Number(process.argv[2] ?? 1)
const words = process.argv.slice(3)
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-order-'))
const ova = sh('scripts/test-guest.sh', ['full']).trim()
const program = resolve('bin/h2k')
const stream = join(folder, 'stream.vmdk')
sh('bash', ['-c', 'tar -xOf "$1" --wildcards "*disk1.vmdk" >"$2"', '-', ova, stream])

/** Each kind of source, and what `qemu-img convert` makes it with. */
const kinds = {
  streamOptimized: { format: 'vmdk', make: ['-O', 'vmdk', '-o', 'subformat=streamOptimized'] },
  monolithicSparse: { format: 'vmdk', make: ['-O', 'vmdk'] },
  raw: { format: 'raw', make: ['-O', 'raw'] },
} as const

try {
  console.log('\n| source | overlay, repair, copy: s | copy, repair: s | second against first | MiB copied of each |')
  console.log('| --- | --- | --- | --- | --- |')
  for (const [kind, { format, make }] of Object.entries(kinds)) {
    const source = join(folder, kind)
    sh('qemu-img', ['convert', '-f', 'vmdk', ...make, stream, source])
    compare(kind, source, format)
  }
  await served(folder, (address, ca) => {
    const connection = `connections: {bench: {type: https, url: ${address}/, ca_file: ${ca}}}\n`
    compare('streamOptimized by HTTPS', `${address}/stream.vmdk`, 'vmdk', connection)
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function compare(kind: string, source: string, format: string, connection = ''): void {
  if (words.length > 0 && !words.some((word) => kind.includes(word))) return
  const [first, second, sizes]: [number[], number[], string[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const whole = apply(source, format, true, connection)
    first.push(whole.export + whole.inspect + whole.fix + whole.convert)
    const copy = apply(source, format, false, connection)
    const repaired = apply(copy.disk, 'qcow2', true)
    second.push(copy.export + copy.convert + repaired.inspect + repaired.fix)
    sizes.push(`${whole.mib.toFixed(0)}, ${copy.mib.toFixed(0)}`)
  }
  const [a, b] = [median(first), median(second)]
  console.log(`| ${kind} | ${a.toFixed(1)} | ${b.toFixed(1)} | ${(b / a).toFixed(2)} | ${sizes.at(-1)} |`)
}

/** One machine; the seconds of its stages, and the disk that came out. */
function apply(source: string, format: string, fix: boolean, connection = '') {
  const workspace = mkdtempSync(join(folder, 'workspace-'))
  mkdirSync(join(workspace, 'manifests'))
  writeFileSync(join(workspace, 'h2k.yaml'), `h2k_version: 1\nname: bench\n${connection}`)
  const file = connection ? stream : source
  const bytes = JSON.parse(sh('qemu-img', ['info', '--output=json', '-f', format, file])) as {
    'virtual-size': number
  }
  writeFileSync(
    join(workspace, 'manifests/full.yaml'),
    `manifest_version: "1.0"
source: {provider: local, vm_name: full}
vm: {cpu: 2, mem_gb: 2, firmware: bios}
disks: [{id: boot, source_format: ${format}, bytes: ${bytes['virtual-size']}, local_path: ${source}, boot_order_hint: 0}]
pipeline: {fix: {enabled: ${fix}, remove_vmware_tools: true}, convert: {enabled: true}}
`,
  )
  const seconds = { export: 0, inspect: 0, fix: 0, convert: 0 }
  for (const line of sh(program, ['apply', '--auto-approve', '--json'], workspace).split('\n').filter(Boolean)) {
    const event = JSON.parse(line) as { type: string; stage: string; seconds: number }
    if (event.type === 'stage_done' && event.stage in seconds)
      seconds[event.stage as keyof typeof seconds] = event.seconds
  }
  const disk = join(workspace, 'output/full/boot.qcow2')
  return { ...seconds, disk, mib: (statSync(disk).blocks * 512) / 2 ** 20 }
}
