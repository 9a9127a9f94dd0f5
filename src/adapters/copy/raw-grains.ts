import type { GrainBatch, GrainSource, SourceFile } from './source.ts'

/** What a raw disk is cut into. */
const rawGrainBytes = 2 ** 16
const perBatch = 2 ** 14

/** The grains of a raw disk: all of it, since only reading tells which hold zeros. */
export function rawGrains(file: Omit<SourceFile, 'compressed'>): GrainSource {
  const { name, fd, offsetBytes, lengthBytes } = file
  const grains = Math.ceil(lengthBytes / rawGrainBytes)
  return {
    name,
    capacityBytes: lengthBytes,
    grainBytes: rawGrainBytes,
    files: [{ name, fd, offsetBytes, lengthBytes, compressed: false }],
    async *batches(): AsyncGenerator<GrainBatch> {
      for (let first = 0; first < grains; first += perBatch) {
        const length = Math.min(perBatch, grains - first)
        const offsets = Float64Array.from({ length }, (_, at) => (first + at) * rawGrainBytes)
        yield { first, files: new Uint8Array(length).fill(1), offsets }
      }
    },
  }
}
