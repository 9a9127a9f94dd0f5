import { ftruncateSync } from 'node:fs'
import { problem } from '../../core/problem.ts'
import { type Chunk, type Extent, measure } from './chunks.ts'
import type { Written } from './direct.ts'
import type { Compression, Setup, Target } from './messages.ts'
import { appendedOrder, flatOrder, type Order, packedOrder, type Turn } from './order.ts'
import { clusterBytes, qcow2Header, qcow2Layout, tableClusters } from './qcow2-layout.ts'
import { qcow2Tables } from './qcow2-tables.ts'
import type { GrainSource } from './source.ts'
import { writeAt } from './write-at.ts'

/** A file of some kind that is being written. */
export interface TargetFile {
  readonly target: Target
  readonly order: Order
  /** Its first bytes, where they are known before all others; else its checksum cannot be made on the way. */
  readonly head?: Uint8Array
  /** Called for each chunk in its turn. */
  took(chunk: Chunk, turn: Turn, kept: Uint32Array): void
  /** Called before the first chunk that an earlier run had not completed: what it wrote of others is of no use. */
  goesOn?(): void
  /** Writes what else there is, when all grains are written; gives it in the order of the file. */
  tail(): Iterable<Uint8Array>
}

/** A raw file: its holes are left out. */
export function rawTarget(file: Written, source: Setup['source']): TargetFile {
  return { target: { kind: 'flat', ...file }, order: flatOrder(source), took() {}, tail: () => [] }
}

/** A source, and how much of it there is, in stretches that a table of qcow2 maps. */
export interface Measured extends Pick<GrainSource, 'name' | 'capacityBytes' | 'grainBytes'> {
  readonly extent: Extent
}

/** Counts what is going to be copied into a qcow2 file. */
export async function measured(source: GrainSource): Promise<Measured> {
  const { name, capacityBytes, grainBytes } = source
  return { name, capacityBytes, grainBytes, extent: await measure(source, clusterBytes * tableClusters) }
}

/**
 * A qcow2 file whose layout is known before it is written, since its clusters are as large as the grains.
 * @throws ProblemError SOURCE_CHANGED at its tail, when other grains came than there were at first
 */
export function qcow2Target(file: Written, { name, capacityBytes, grainBytes, extent }: Measured): TargetFile {
  const { fd } = file
  const tablesOffset = (1 + extent.grains) * clusterBytes
  const layout = qcow2Layout(capacityBytes, tablesOffset + extent.stretches * clusterBytes)
  let [next, taken] = [tablesOffset, 0]
  const place = () => {
    next += clusterBytes
    return next - clusterBytes
  }
  const tables = qcow2Tables({ fd, place, zerosHavePlaces: true })
  const head = qcow2Header(layout)
  return {
    target: { kind: 'packed', ...file, dataOffset: clusterBytes },
    order: packedOrder({ grainBytes }, clusterBytes),
    head,
    took(chunk, { places }, kept) {
      taken += chunk.grains.length
      tables.map(chunk, places, kept)
    },
    *tail() {
      tables.end()
      if (taken !== extent.grains || next !== layout.l1Offset) {
        const was = `${taken} grains, ${extent.grains} before`
        throw problem('SOURCE_CHANGED', `${name} changed while it was copied: ${was}`, { hint: 'apply again' })
      }
      yield* tables.finish(layout)
      // Without it the file is no image: it comes last.
      writeAt(fd, head, 0)
    },
  }
}

/** A compressed qcow2 file: where anything is, is known when it is written. */
export function appendedTarget(
  fd: number,
  { capacityBytes, grainBytes }: Pick<GrainSource, 'capacityBytes' | 'grainBytes'>,
  compression: Compression,
): TargetFile {
  const order = appendedOrder({ grainBytes }, clusterBytes)
  const tables = qcow2Tables({ fd, place: () => order.claim(clusterBytes), zerosHavePlaces: false })
  return {
    target: { kind: 'appended', fd, compression },
    order,
    took: (chunk, { places }, kept) => tables.map(chunk, places, kept),
    goesOn: () => ftruncateSync(fd, order.reached()),
    *tail() {
      tables.end()
      const layout = qcow2Layout(capacityBytes, order.claim(0))
      yield* tables.finish(layout)
      writeAt(fd, qcow2Header(layout, compression.type), 0)
    },
  }
}

/** A qcow2 file of grains whose number is only known at the end: each L2 table lies behind the chunk that it ends in. */
export function arrivingTarget(fd: number, { capacityBytes, grainBytes }: Setup['source']): TargetFile {
  let next = clusterBytes
  const place = () => {
    next += clusterBytes
    return next - clusterBytes
  }
  const tables = qcow2Tables({ fd, place, zerosHavePlaces: true })
  const packed = packedOrder({ grainBytes }, clusterBytes)
  return {
    target: { kind: 'packed', fd, dataOffset: clusterBytes },
    // Its header is known last: there is nothing to hash before.
    order: { ...packed, turn: (chunk, kept) => ({ ...packed.turn(chunk, kept), runs: [] }) },
    took(chunk, { places }, kept) {
      next = clusterBytes + (chunk.rank + chunk.grains.length) * clusterBytes
      tables.map(chunk, places, kept)
    },
    *tail() {
      tables.end()
      const layout = qcow2Layout(capacityBytes, next)
      yield* tables.finish(layout)
      writeAt(fd, qcow2Header(layout), 0)
    },
  }
}

/** Leaves room for the tables that `arrivingTarget` writes behind each chunk. */
export async function* besideTables(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  let tables = 0
  let last: number | undefined
  for await (const chunk of chunks) {
    yield { ...chunk, rank: chunk.rank + tables }
    for (const grain of chunk.grains) {
      const table = Math.floor(grain / tableClusters)
      if (last !== undefined && table !== last) tables += 1
      last = table
    }
  }
}
