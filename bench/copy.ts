import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { ovf } from '../test/support/machines.ts'
import { copyChart } from './copy-chart.ts'
import { served } from './https-server.ts'
import { alternateUsage, median, sh, type Usage } from './measure.ts'
import { writeUsr } from './usr-disk.ts'
import { h2k as program } from './workspace.ts'

// How fast images are copied, against qemu-img with the best of its options, and against a plain copy.
// `node bench/copy.ts [MIB of data] [rounds] [words of the rows]`; the figures also go to bench/results/copy.json and
// docs/copy-speed.svg. BENCH_DIR names the folder for it all, such as one in memory.
const mib = Number(process.argv[2] ?? 2400)
const rounds = Number(process.argv[3] ?? 5)
const words = process.argv.slice(4)
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
const raw = join(folder, 'source.raw')
const stream = join(folder, 'stream.vmdk')
const sparse = join(folder, 'sparse.vmdk')
const out = join(folder, 'out')

/** What one tool took for one copy, in medians. */
export interface CopyRow {
  readonly what: string
  readonly tool: string
  readonly seconds: number
  /** Against the best of the others. */
  readonly ratio: number
  readonly mibPerSecond: number
  readonly cpuSeconds: number
  readonly peakMib: number
  /** Of data, and of runs. */
  readonly mib: number
  readonly rounds: number
}

// All of them until the file is on the disk, which h2k waits for.
const flushed = (...command: string[]) => ['sh', '-c', '"$@" && sync "$0"', out, ...command]
const h2k = (file: string, ...rest: string[]) => [process.execPath, join(folder, 'copy-image.js'), file, out, ...rest]
const qemu = (file: string, ...rest: string[]) => flushed('qemu-img', 'convert', '-f', 'vmdk', ...rest, file, out)
/** Whether the folder's file system lets who writes go past the host's memory. */
const past = spawnSync('dd', ['if=/dev/zero', `of=${out}`, 'bs=4096', 'count=1', 'oflag=direct']).status === 0
const qemus = (file: string, ...rest: string[]) => ({
  'qemu-img': qemu(file, ...rest),
  'qemu-img -m 16 -W': qemu(file, '-m', '16', '-W', ...rest),
  ...(past ? { 'qemu-img -t none': qemu(file, '-t', 'none', ...rest) } : {}),
})
/** It writes raw images only, and reads others through a server. */
const nbdcopy = (file: string) => ({
  nbdcopy: flushed('nbdcopy', '--', '[', 'qemu-nbd', '--read-only', '-f', 'vmdk', file, ']', out),
})

const rows: CopyRow[] = []
let copiedMib = 0

try {
  await bundle()
  const usedMib = writeUsr(raw, mib)
  copiedMib = usedMib
  const virtualMib = statSync(raw).size / 2 ** 20
  makeStream()
  sh('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', raw, sparse])
  console.log(
    `\n${usedMib} MiB of /usr in a disk of ${virtualMib} MiB; ${cpus().length} CPUs; medians of ${rounds} runs\n`,
  )
  console.log('| copy | tool | seconds | ratio | MiB/s | CPU seconds | peak MiB |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const [kind, file] of [
    ['streamOptimized', stream],
    ['monolithicSparse', sparse],
  ] as const) {
    for (const format of ['raw', 'qcow2']) {
      const others = { ...qemus(file, '-O', format), ...(format === 'raw' ? nbdcopy(file) : {}) }
      compare(`${kind} to ${format}`, [file], { ...others, h2k: h2k(file, format) })
    }
  }
  for (const format of ['raw', 'qcow2']) await compareHttps(`streamOptimized by HTTPS to ${format}`, format)
  compareApply('OVA to qcow2, the whole apply', virtualMib)
  compare('raw to raw, the floor', [raw], {
    'cp --sparse=always': flushed('cp', '--sparse=always', raw, out),
    nbdcopy: flushed('nbdcopy', raw, out),
  })
  const full = 'streamOptimized, a full disk, to raw'
  if (isWanted(full)) {
    copiedMib = writeUsr(raw, mib, 0)
    makeStream()
    compare(full, [stream], { ...qemus(stream, '-O', 'raw'), h2k: h2k(stream, 'raw') })
  }
  const empty = 'streamOptimized, 15 of 16 parts empty, to raw'
  if (isWanted(empty)) {
    copiedMib = writeUsr(raw, Math.floor(mib / 4), 750)
    makeStream()
    compare(empty, [stream], { ...qemus(stream, '-O', 'raw'), h2k: h2k(stream, 'raw') })
  }
  const small = `streamOptimized, ${Math.floor(mib / 8)} MiB, to qcow2`
  if (isWanted(small)) {
    copiedMib = writeUsr(raw, Math.floor(mib / 8))
    makeStream()
    compare(small, [stream], { ...qemus(stream, '-O', 'qcow2'), h2k: h2k(stream, 'qcow2') })
  }
  const compressions = [
    ['zstd', '3'],
    ['zlib', '6'],
  ] as const
  const compressed = (type: string) => `streamOptimized, compressed: ${type}`
  if (compressions.some(([type]) => isWanted(compressed(type)))) {
    // Compressing takes ten times as long: a quarter of the data tells the same.
    copiedMib = writeUsr(raw, Math.floor(mib / 4))
    makeStream()
    for (const [type, level] of compressions) {
      const options = ['-c', '-O', 'qcow2', '-o', `compression_type=${type}`]
      compare(compressed(type), [stream], { ...qemus(stream, ...options), h2k: h2k(stream, 'qcow2', type, level) })
    }
  }
  keep()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function isWanted(what: string): boolean {
  return words.length === 0 || words.some((word) => what.includes(word))
}

function makeStream(): void {
  sh('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, stream])
}

/** Rows that were measured before stay, unless these are newer. */
function keep(): void {
  const path = 'bench/results/copy.json'
  const known: readonly CopyRow[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).rows : []
  const all = [...known.filter(({ what }) => !rows.some((row) => row.what === what)), ...rows]
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(path, `${JSON.stringify({ cpus: cpus().length, rows: all }, undefined, 1)}\n`)
  const about = `Seconds, and ratio to the best of the others: ${all[0]?.mib} MiB of data where nothing else is said, ${cpus().length} cores`
  writeFileSync('docs/copy-speed.svg', copyChart(all, about))
}

/** A download that qemu-img then reads, against a copy on its way. */
async function compareHttps(what: string, format: string): Promise<void> {
  if (!isWanted(what)) return
  await served(folder, (address, ca) => {
    const url = `${address}/${basename(stream)}`
    const sha256 = createHash('sha256').update(readFileSync(stream)).digest('hex')
    const fetch =
      'curl -sS --fail --retry 5 --retry-connrefused --cacert "$1" "$2" -o "$3" && qemu-img convert -f vmdk -O "$4" "$3" "$0" && sync "$0"'
    compare(what, [stream], {
      'curl, then qemu-img': ['sh', '-c', fetch, out, ca, url, join(folder, 'fetched.vmdk'), format],
      h2k: [process.execPath, join(folder, 'stream-image.js'), url, ca, out, format, sha256],
    })
  })
}

/** All that `h2k apply` does with an OVA, its digests too, against a copy of the disk that somebody took out of it. */
function compareApply(what: string, virtualMib: number): void {
  const parts = join(folder, 'parts')
  const workspace = join(folder, 'workspace')
  for (const path of [parts, join(workspace, 'manifests')]) mkdirSync(path, { recursive: true })
  const disk = 'web01-disk1.vmdk'
  sh('ln', [stream, join(parts, disk)])
  writeFileSync(join(parts, 'web01.ovf'), ovf('web01', [{ mib: virtualMib }], 'bios', '00:50:56:aa:00:01'))
  const sums = ['web01.ovf', disk].map(
    (name) => `SHA256(${name})= ${sh('sha256sum', [join(parts, name)]).split(' ')[0]}\n`,
  )
  writeFileSync(join(parts, 'web01.mf'), sums.join(''))
  const ova = join(folder, 'web01.ova')
  sh('tar', ['--format=ustar', '-C', parts, '-cf', ova, 'web01.ovf', 'web01.mf', disk])
  writeFileSync(join(workspace, 'h2k.yaml'), 'h2k_version: 1\nname: bench\n')
  const manifest = `manifest_version: "1.0"\nsource: {provider: ova, path: ${ova}}\nnetwork_mapping: {default_bridge: br0}\n`
  writeFileSync(join(workspace, 'manifests/web01.yaml'), manifest)
  compare(
    what,
    [stream, ova],
    { 'qemu-img': qemu(stream, '-O', 'qcow2'), h2k: [program, '-C', workspace, 'apply', '--auto-approve'] },
    () => {
      for (const made of ['.h2k', 'output']) rmSync(join(workspace, made), { recursive: true, force: true })
    },
  )
  for (const made of [parts, workspace, ova]) rmSync(made, { recursive: true })
}

function compare(
  what: string,
  sources: readonly string[],
  contenders: Readonly<Record<string, readonly string[]>>,
  before = () => {},
): void {
  if (!isWanted(what)) return
  const usage = alternateUsage(contenders, rounds, () => {
    rmSync(out, { force: true })
    for (const path of sources) intoMemory(path)
    before()
  })
  for (const row of rowsOf(what, usage)) {
    rows.push(row)
    const { seconds, ratio, mibPerSecond, cpuSeconds, peakMib } = row
    const figures = [
      seconds.toFixed(2),
      ratio.toFixed(2),
      mibPerSecond.toFixed(0),
      cpuSeconds.toFixed(1),
      peakMib.toFixed(0),
    ]
    console.log(`| ${what} | ${row.tool} | ${figures.join(' | ')} |`)
  }
}

// A machine may take memory back that was not used for a while, and then whoever is next reads from the disk.
function intoMemory(path: string): void {
  sh('dd', [`if=${path}`, 'of=/dev/null', 'bs=1M', 'status=none'])
}

// As it is shipped, and not as TypeScript that each thread has to read first.
async function bundle(): Promise<void> {
  await build({
    entryPoints: {
      'copy-image': 'bench/copy-image.child.ts',
      'stream-image': 'bench/stream-image.child.ts',
      'copy-worker': 'src/adapters/copy/copy-worker.ts',
      'order-worker': 'src/adapters/copy/order-worker.ts',
      'digest-worker': 'src/adapters/files/digest-worker.ts',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    external: ['koffi'],
  })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
}

function rowsOf(what: string, usage: ReadonlyMap<string, readonly Usage[]>): CopyRow[] {
  const of = (runs: readonly Usage[], value: (run: Usage) => number) => median(runs.map(value))
  const others = [...usage].filter(([tool]) => tool !== 'h2k').map(([, runs]) => of(runs, (run) => run.seconds))
  const best = Math.min(...others)
  return [...usage].map(([tool, runs]) => {
    const seconds = of(runs, (run) => run.seconds)
    const [cpuSeconds, peakMib] = [of(runs, (run) => run.cpuSeconds), of(runs, (run) => run.peakMib)]
    return {
      what,
      tool,
      seconds,
      ratio: seconds / best,
      mibPerSecond: copiedMib / seconds,
      cpuSeconds,
      peakMib,
      mib: copiedMib,
      rounds,
    }
  })
}
