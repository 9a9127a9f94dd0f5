import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, sh } from './measure.ts'
import { writeUsr } from './usr-disk.ts'

// What a qcow2's cluster size and lazy refcounts are worth: to the copy, and to the machine that writes to it afterwards.
// `node bench/qcow2-options.ts [MIB of data] [ROUNDS]`
const [mib = 700, rounds = 3] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
const [raw, out] = [join(folder, 'source.raw'), join(folder, 'out.qcow2')]
const kinds = ['64k', '128k', '256k', '1M', '2M'].flatMap((cluster) =>
  ['off', 'on'].map((lazy) => ({ cluster, lazy, options: `cluster_size=${cluster},lazy_refcounts=${lazy}` })),
)
const writes = 8000

try {
  const data = writeUsr(raw, mib)
  console.log(`\n${data} MiB of /usr in ${data * 2} MiB; ${writes} writes of 4 KiB; medians of ${rounds}\n`)
  console.log(
    '| cluster size | lazy refcounts | convert, s | MiB of the file | writes into holes, s | writes in order, s | MiB after |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const { cluster, lazy, options } of kinds) {
    const runs = Array.from({ length: rounds }, () => measure(options))
    const of = (key: keyof ReturnType<typeof measure>) => median(runs.map((run) => run[key]))
    const figures = [of('convert'), of('scattered'), of('straight')].map((seconds) => seconds.toFixed(2))
    console.log(
      `| ${cluster} | ${lazy} | ${figures[0]} | ${of('mib').toFixed(0)} | ${figures[1]} | ${figures[2]} | ${of('mibAfter').toFixed(0)} |`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The writes go to where the disk has data and holes alike; each needs a cluster of its own in a hole. */
function measure(options: string) {
  rmSync(out, { force: true })
  const convert = timed('convert', '-f', 'raw', '-O', 'qcow2', '-o', options, raw, out)
  const mib = blocks()
  const bench = ['bench', '-w', '-f', 'qcow2', '-t', 'writeback', '-c', String(writes), '-d', '16', '-s', '4096']
  const scattered = timed(...bench, '-S', String(4096 * 37), out)
  const straight = timed(...bench, '-o', String(50 * 2 ** 20), '-S', '4096', out)
  return { convert, mib, scattered, straight, mibAfter: blocks() }
}

function timed(...args: string[]): number {
  const begun = performance.now()
  sh('qemu-img', args)
  return (performance.now() - begun) / 1000
}

function blocks(): number {
  return (statSync(out).blocks * 512) / 2 ** 20
}
