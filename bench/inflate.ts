import { spawnSync } from 'node:child_process'
import { deflateSync, inflateSync } from 'node:zlib'
import { reusedZlib } from '../src/adapters/copy/inflate.ts'
import { libdeflate, whyNoLibdeflate } from '../src/adapters/copy/libdeflate.ts'
import { median } from './measure.ts'

// What inflates the grains of a compressed VMDK, on one thread: 64 KiB of this machine's /usr each.
// `node bench/inflate.ts [MIB] [ROUNDS]`
const [mib = 256, rounds = 5] = process.argv.slice(2).map(Number)
const grainBytes = 2 ** 16
const tar = spawnSync('sh', ['-c', `tar -c /usr 2>/dev/null | head -c ${mib}M`], {
  maxBuffer: (mib + 1) * 2 ** 20,
}).stdout
const grains = Array.from({ length: tar.length / grainBytes }, (_, at) =>
  deflateSync(tar.subarray(at * grainBytes, (at + 1) * grainBytes)),
)
const into = Buffer.alloc(grainBytes)
const whole = (_: Buffer, ok: boolean | undefined) => {
  if (!ok) throw new Error('a grain was not taken')
}
const [zlib, native] = [reusedZlib(), libdeflate()]
const contenders: Record<string, (grain: Buffer) => void> = {
  inflateSync: (grain) => inflateSync(grain).copy(into),
  'one zlib for all': (grain) => whole(grain, zlib?.(Buffer.concat([grain, Buffer.alloc(1)]), 0, grain.length, into)),
  ...(native ? { libdeflate: (grain: Buffer) => whole(grain, native(grain, 0, grain.length, into)) } : {}),
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
const best = median(seconds.get('inflateSync') ?? [])
console.log(`\n| ${mib} MiB in grains of 64 KiB, medians of ${rounds} | CPU seconds | ratio |\n| --- | --- | --- |`)
for (const [name, took] of seconds) {
  console.log(`| ${name} | ${median(took).toFixed(2)} | ${(median(took) / best).toFixed(2)} |`)
}
