import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, printTable, sh } from './measure.ts'

// Which options of `qemu-img convert` are fastest for each kind of source: what `convert` passes is chosen by this.
// `node bench/convert-options.ts [MIB of data]`
const mib = Number(process.argv[2] ?? 700)
const rounds = 5
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
const raw = join(folder, 'source.raw')
const out = join(folder, 'out')

writeSource()
const sources = {
  'streamOptimized VMDK': {
    file: join(folder, 'stream.vmdk'),
    make: ['-O', 'vmdk', '-o', 'subformat=streamOptimized'],
  },
  'monolithicSparse VMDK': { file: join(folder, 'sparse.vmdk'), make: ['-O', 'vmdk'] },
}
const options = {
  defaults: [],
  '-m 16': ['-m', '16'],
  '-m 16 -W': ['-m', '16', '-W'],
  '-t none -T none': ['-t', 'none', '-T', 'none'],
  '-S 64k': ['-S', '64k'],
}
try {
  for (const [kind, { file, make }] of Object.entries(sources)) {
    sh('qemu-img', ['convert', '-f', 'raw', ...make, raw, file])
    const plain = Object.entries(options).map(([name, flags]) => ({
      name,
      run: () => convert(file, ['-O', 'qcow2', ...flags]),
    }))
    printTable(`${kind} to qcow2, ${mib} MiB of data in 4 GiB`, alternate(plain, rounds))
    console.log(
      `\nThe same result file each time: ${repeatable(file, [])} with defaults, ${repeatable(file, ['-m', '16', '-W'])} with -W`,
    )
  }
  const file = sources['monolithicSparse VMDK'].file
  const compressed = ['zlib', 'zstd'].flatMap((type) =>
    [[], ['-m', '16'], ['-m', '16', '-W']].map((flags) => ({
      name: `${type} ${flags.join(' ')}`.trim(),
      run: () => convert(file, ['-O', 'qcow2', '-c', '-o', `compression_type=${type}`, ...flags]),
    })),
  )
  printTable(`compressed qcow2, ${mib} MiB of data`, alternate(compressed, 3))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function convert(file: string, flags: readonly string[]): void {
  rmSync(out, { force: true })
  sh('qemu-img', ['convert', '-f', 'vmdk', ...flags, file, out])
}

function repeatable(file: string, flags: readonly string[]): boolean {
  const sums = [1, 2, 3].map(() => {
    convert(file, ['-O', 'qcow2', ...flags])
    return sh('sha256sum', [out]).split(' ')[0]
  })
  return new Set(sums).size === 1
}

// Half text-like, half incompressible, in stretches with holes between: neither the best nor the worst case.
function writeSource(): void {
  const file = openSync(raw, 'w')
  const random = Buffer.alloc(1 << 20)
  for (let at = 0; at < random.length; at += 65536) crypto.getRandomValues(random.subarray(at, at + 65536))
  const text = Buffer.from('the quick brown fox jumps over the lazy dog, '.repeat(23302)).subarray(0, 1 << 20)
  for (let index = 0; index < mib; index++) {
    const place = (index + Math.floor(index / 50) * 40) * (1 << 20)
    random.writeUInt32LE(index, 0)
    writeSync(file, index % 2 ? random : text, 0, 1 << 20, place)
  }
  writeSync(file, Buffer.alloc(1), 0, 1, 4 * 1024 ** 3 - 1)
  closeSync(file)
  console.log(`source: ${statSync(raw).size} bytes, ${statSync(raw).blocks * 512} of them on the disk`)
}
