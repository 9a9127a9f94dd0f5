import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { alternateUsage, median, sh, type Usage } from './measure.ts'
import { writeUsr } from './usr-disk.ts'

// How fast images are copied, against qemu-img with the best of its options, and against a plain copy.
// `node bench/copy.ts [MIB of data] [rounds]`; the figures are also written to bench/results/copy.json.
const mib = Number(process.argv[2] ?? 2400)
const rounds = Number(process.argv[3] ?? 5)
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
const raw = join(folder, 'source.raw')
const out = join(folder, 'out')

interface Row {
  readonly what: string
  readonly tool: string
  readonly seconds: number
  readonly ratio: number
  readonly mibPerSecond: number
  readonly cpuSeconds: number
  readonly peakMib: number
}

// All of them until the file is on the disk, which h2k waits for.
const flushed = (...command: string[]) => ['sh', '-c', '"$@" && sync "$0"', out, ...command]
const h2k = (file: string, ...rest: string[]) => [process.execPath, join(folder, 'copy-image.js'), file, out, ...rest]
const qemu = (file: string, ...rest: string[]) => flushed('qemu-img', 'convert', '-f', 'vmdk', ...rest, file, out)
const parallel = ['-m', '16', '-W']

try {
  await bundle()
  const usedMib = writeUsr(raw, mib)
  const stream = join(folder, 'stream.vmdk')
  const sparse = join(folder, 'sparse.vmdk')
  sh('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, stream])
  sh('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', raw, sparse])
  const rows: Row[] = []
  const compare = (what: string, copiedMib: number, contenders: Readonly<Record<string, readonly string[]>>) => {
    const usage = alternateUsage(contenders, rounds, () => rmSync(out, { force: true }))
    rows.push(...rowsOf(what, usage, copiedMib))
  }
  for (const [kind, file] of [
    ['streamOptimized', stream],
    ['monolithicSparse', sparse],
  ] as const) {
    for (const format of ['raw', 'qcow2']) {
      compare(`${kind} to ${format}`, usedMib, {
        'qemu-img': qemu(file, '-O', format),
        'qemu-img -m 16 -W': qemu(file, ...parallel, '-O', format),
        h2k: h2k(file, format),
      })
    }
  }
  compare('raw to raw, the floor', usedMib, {
    'cp --sparse=always': flushed('cp', '--sparse=always', raw, out),
    nbdcopy: flushed('nbdcopy', raw, out),
  })
  // Compressing takes ten times as long: a quarter of the data tells the same.
  const quarter = writeUsr(raw, mib / 4)
  sh('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, stream])
  for (const [type, level] of [
    ['zstd', '3'],
    ['zlib', '6'],
  ] as const) {
    const options = ['-c', '-O', 'qcow2', '-o', `compression_type=${type}`]
    compare(`streamOptimized to qcow2, ${type}`, quarter, {
      'qemu-img': qemu(stream, ...options),
      'qemu-img -m 16 -W': qemu(stream, ...parallel, ...options),
      h2k: h2k(stream, 'qcow2', type, level),
    })
  }
  print(rows, usedMib)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

// As it is shipped, and not as TypeScript that each thread has to read first.
async function bundle(): Promise<void> {
  await build({
    entryPoints: {
      'copy-image': 'bench/copy-image.child.ts',
      'copy-worker': 'src/adapters/copy/copy-worker.ts',
      'order-worker': 'src/adapters/copy/order-worker.ts',
      'sha256-worker': 'src/adapters/files/sha256-worker.ts',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
  })
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
}

function rowsOf(what: string, usage: ReadonlyMap<string, readonly Usage[]>, usedMib: number): Row[] {
  const of = (runs: readonly Usage[], value: (run: Usage) => number) => median(runs.map(value))
  const others = [...usage].filter(([tool]) => tool !== 'h2k').map(([, runs]) => of(runs, (run) => run.seconds))
  const best = Math.min(...others)
  return [...usage].map(([tool, runs]) => {
    const seconds = of(runs, (run) => run.seconds)
    const [cpuSeconds, peakMib] = [of(runs, (run) => run.cpuSeconds), of(runs, (run) => run.peakMib)]
    return { what, tool, seconds, ratio: seconds / best, mibPerSecond: usedMib / seconds, cpuSeconds, peakMib }
  })
}

function print(rows: readonly Row[], usedMib: number): void {
  console.log(
    `\n${usedMib} MiB of /usr in a disk of ${usedMib * 2} MiB; ${cpus().length} CPUs; medians of ${rounds} alternating runs`,
  )
  console.log(
    '\n| copy | tool | seconds | ratio | MiB/s | CPU seconds | peak MiB |\n| --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const { what, tool, seconds, ratio, mibPerSecond, cpuSeconds, peakMib } of rows) {
    const figures = [
      seconds.toFixed(2),
      ratio.toFixed(2),
      mibPerSecond.toFixed(0),
      cpuSeconds.toFixed(1),
      peakMib.toFixed(0),
    ]
    console.log(`| ${what} | ${tool} | ${figures.join(' | ')} |`)
  }
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(
    'bench/results/copy.json',
    `${JSON.stringify({ usedMib, cpus: cpus().length, rounds, rows }, undefined, 1)}\n`,
  )
}
