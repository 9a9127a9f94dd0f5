import { spawnSync } from 'node:child_process'
import { deflateSync, inflateSync } from 'node:zlib'
import { reusedZlib } from '../src/adapters/copy/inflate.ts'
import { type InflateWhole, libdeflate, whyNoLibdeflate } from '../src/adapters/copy/libdeflate.ts'
import { median } from './measure.ts'

// What inflates the grains of a compressed VMDK, on one thread: 64 KiB of this machine's /usr each.
// `node bench/inflate.ts [MIB] [ROUNDS]`
const [mib = 256, rounds = 5] = process.argv.slice(2).map(Number)
const grainBytes = 2 ** 16
const tar = spawnSync('sh', ['-c', `tar -c /usr 2>/dev/null | head -c ${mib}M`], {
  maxBuffer: (mib + 1) * 2 ** 20,
}).stdout
// One byte more than a grain has, as in a file, where something follows it.
const grains = Array.from({ length: tar.length / grainBytes }, (_, at) =>
  Buffer.concat([deflateSync(tar.subarray(at * grainBytes, (at + 1) * grainBytes)), Buffer.alloc(1)]),
)
const into = Buffer.alloc(grainBytes)
const whole = (inflate: InflateWhole | undefined) => (grain: Buffer) => {
  if (!inflate?.(grain, 0, grain.length - 1, into)) throw new Error('a grain was not taken')
}
const native = libdeflate()
const contenders: Record<string, (grain: Buffer) => void> = {
  inflateSync: (grain) => inflateSync(grain.subarray(0, -1)).copy(into),
  'one zlib for all': whole(reusedZlib()),
  ...(native ? { libdeflate: whole(native) } : {}),
}
if (!native) console.log(`no libdeflate: ${whyNoLibdeflate()}`)
const seconds = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
for (let round = 0; round < rounds; round++) {
  for (const [name, inflate] of Object.entries(contenders)) {
    const begun = process.cpuUsage()
    for (const grain of grains) inflate(grain)
    const { user, system } = process.cpuUsage(begun)
    seconds.get(name)?.push((user + system) / 1e6)
  }
}
const base = median(seconds.get('inflateSync') ?? [])
console.log(`\n| ${mib} MiB in grains of 64 KiB, medians of ${rounds} | CPU seconds | ratio |\n| --- | --- | --- |`)
for (const [name, took] of seconds) {
  console.log(`| ${name} | ${median(took).toFixed(2)} | ${(median(took) / base).toFixed(2)} |`)
}
