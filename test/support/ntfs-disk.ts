import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { writeRaw } from './machines.ts'
import { change } from './swap-disk.ts'

const mib = 2 ** 20
const block = 512
const grain = 65_536
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

/** `none`: the disk as a whole. */
export type NtfsKind = 'gpt' | 'mbr' | 'logical' | 'none'

export interface NtfsDisk {
  /** A raw disk. */
  readonly path: string
  /** Where its NTFS begins, in bytes. */
  readonly at: number
  readonly bytes: number
  readonly clusterBytes: number
  /** Where what Windows swapped out lies, in the order of the disk; the end is no part of it. */
  readonly areas: readonly { readonly start: number; readonly end: number }[]
}

export interface NtfsOptions {
  readonly clusterBytes?: number
  /** Other files are made and emptied before, each so large: what comes then lies between those that are left. */
  readonly gaps?: { readonly count: number; readonly bytes: number }
  /** The first bytes of hiberfil.sys. */
  readonly hibernation?: string
  /** What is copied into the file system, by name; without it what Windows has, and the same names elsewhere. */
  readonly files?: Readonly<Record<string, Buffer>>
}

const mark = 'SWAPPED OUT '
const windowsType = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7'
const layouts = {
  gpt: `label: gpt\n,3M,L\n,64M,${windowsType}\n,,L\n`,
  mbr: 'label: dos\n,3M,L\n,64M,7\n,,L\n',
  logical: 'label: dos\n,3M,L\n,,E\n,2M,L\n,64M,7\n',
  none: '',
}

/** So much of a file of swap, in which each sector can be told from everything else. */
export function swapped(bytes: number, beginning = ''): Buffer {
  const content = Buffer.alloc(bytes, 'x')
  for (let at = 0; at + block <= bytes; at += block) content.write(`${mark}${at}`, at + block - 64)
  content.write(beginning, 0, 'latin1')
  return content
}

/** A disk full of noise, with partitions by sfdisk, and an NTFS in one of them by mkntfs and ntfscp. */
export function makeNtfsDisk(path: string, kind: NtfsKind, options: NtfsOptions = {}): NtfsDisk {
  const { clusterBytes = 4096, gaps, hibernation = 'WAKE' } = options
  writeRaw(path, 72, 72)
  if (kind !== 'none') execFileSync('sfdisk', ['-q', path], { input: layouts[kind], env })
  const { at, bytes } = kind === 'none' ? { at: 0, bytes: 72 * mib } : windowsPartition(path)
  const volume = `${path}.ntfs`
  writeFileSync(volume, readFileSync(path).subarray(at, at + bytes))
  ntfs('mkntfs', '-F', '-Q', '-q', '-c', String(clusterBytes), '-p', String(at / block), '-H', '16', '-S', '63', volume)
  if (gaps) makeGaps(volume, gaps)
  const files = options.files ?? {
    'PageFile.SYS': swapped(9 * mib),
    'swapfile.sys': swapped(2 * mib),
    '$Extend/swapfile.sys': Buffer.alloc(mib, 'kept'),
    'other.sys': Buffer.alloc(mib, 'other'),
    'pagefile.sys.bak': Buffer.alloc(mib, 'kept'),
    // The last one: a volume of a Windows that is hibernated is not written to.
    'hiberfil.sys': swapped(3 * mib + 5120, hibernation),
  }
  // Without its option ntfscp does not find all gaps for a large file.
  for (const [name, content] of Object.entries(files)) putFile(volume, name, content, '-m')
  const found = readFileSync(volume)
  rmSync(volume)
  change(path, at, found)
  return { path, at, bytes, clusterBytes, areas: markedIn(found, at, clusterBytes) }
}

function windowsPartition(path: string) {
  const table = JSON.parse(execFileSync('sfdisk', ['--json', path], { encoding: 'utf8', env })) as {
    partitiontable: { partitions: { start: number; size: number; type: string }[] }
  }
  const found = table.partitiontable.partitions.find(({ type }) => type === '7' || type === windowsType)
  if (!found) throw new Error('sfdisk made no partition of Windows')
  return { at: found.start * block, bytes: found.size * block }
}

/** Runs a program of ntfs-3g. */
export function ntfs(program: string, ...args: readonly string[]): Buffer {
  return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, maxBuffer: 128 * mib })
}

function putFile(volume: string, name: string, content: Buffer, ...options: readonly string[]): void {
  const file = `${volume}.content`
  writeFileSync(file, content)
  ntfs('ntfscp', '-q', ...options, volume, file, name)
  rmSync(file)
}

function makeGaps(volume: string, { count, bytes }: { readonly count: number; readonly bytes: number }): void {
  const shell = (script: string) => execFileSync('sh', ['-ec', script, 'sh', volume], { stdio: 'pipe', env })
  const made = `yes gap$n | head -c ${bytes} >"$1.gap"; ntfscp -q "$1" "$1.gap" gap$n`
  shell(`for n in $(seq ${count}); do ${made}; done; rm "$1.gap"`)
  const fill = 'i=0; while ntfscp -q "$1" "$1.gap" rest$s$i; do i=$((i + 1)); done'
  shell(`for s in 4M 256K 64K; do head -c $s /dev/zero >"$1.gap"; ${fill}; done; rm "$1.gap"`)
  const names = namesIn(volume).filter((_, index) => index % 2 === 0)
  const listed = ntfs('ntfsls', '-i', volume).toString()
  const numbers = [...listed.matchAll(/(\d+) (gap\d+)$/gm)].filter(([, , name]) => names.includes(name ?? ''))
  shell(`for n in ${numbers.map(([, one]) => one).join(' ')}; do ntfstruncate -q "$1" $n 0; done`)
}

/** The names of those files in the order of the volume. */
function namesIn(volume: string): readonly string[] {
  const bytes = readFileSync(volume)
  const names = Array.from({ length: bytes.length / 4096 }, (_, index) => {
    return /^gap\d+(?=\n)/.exec(bytes.toString('latin1', index * 4096, index * 4096 + 16))?.[0]
  })
  return [...new Set(names.filter((name) => name !== undefined))]
}

/** The clusters that begin with a sector that is marked, those that follow each other together. */
function markedIn(volume: Buffer, at: number, clusterBytes: number) {
  const areas: { start: number; end: number }[] = []
  for (let from = 0; from + block <= volume.length; from += clusterBytes) {
    if (volume.toString('latin1', from + block - 64, from + block - 64 + mark.length) !== mark) continue
    const last = areas.at(-1)
    if (last?.end === at + from) last.end += clusterBytes
    else areas.push({ start: at + from, end: at + from + clusterBytes })
  }
  return areas
}

/** Where the record of a file is on the disk, by the name that it has. */
export function recordOf({ path, at, bytes }: NtfsDisk, name: string): number {
  const disk = readFileSync(path)
  const wanted = Buffer.from(name, 'utf16le')
  for (let from = at; from < at + bytes; from += 1024) {
    if (disk.toString('latin1', from, from + 4) === 'FILE' && disk.subarray(from, from + 1024).includes(wanted))
      return from
  }
  throw new Error(`no record says ${name}`)
}

/** Everything but the files of swap is the same, and those are zeros but for what shares a grain with the rest. */
export function expectLeftOut(copy: Buffer, { path, areas }: NtfsDisk): void {
  const expected = readFileSync(path)
  for (const { start, end } of areas) {
    const [from, to] = [Math.ceil(start / grain) * grain, Math.floor(end / grain) * grain]
    if (from < to) expected.fill(0, from, to)
  }
  expect(copy.equals(expected)).toBe(true)
}

/** How many bytes of a disk a copy leaves out. */
export function leftOutOf({ areas }: NtfsDisk): number {
  return areas.reduce((sum, { start, end }) => {
    return sum + Math.max(0, Math.floor(end / grain) - Math.ceil(start / grain)) * grain
  }, 0)
}
