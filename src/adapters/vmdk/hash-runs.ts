import type { Chunk } from './chunks.ts'
import type { HashRun, Setup } from './messages.ts'

/**
 * In which order the bytes of a target are hashed. A raw target has its holes hashed too, and ends with the disk; in a
 * packed one the grains follow each other.
 * @returns a function that gives the stretches of each chunk's slot, and how many zeros are left at the end
 */
export function hashOrder({ grainBytes, capacityBytes }: Setup['source'], packed: boolean) {
  let position = 0
  return {
    runsOf({ grains }: Chunk): readonly HashRun[] {
      if (packed) return [{ zeroBytes: 0, at: 0, bytes: grains.length * grainBytes }]
      const runs: { zeroBytes: number; at: number; bytes: number }[] = []
      grains.forEach((grain, index) => {
        const start = grain * grainBytes
        const bytes = Math.min(grainBytes, capacityBytes - start)
        const last = runs.at(-1)
        if (last && start === position) last.bytes += bytes
        else runs.push({ zeroBytes: start - position, at: index * grainBytes, bytes })
        position = start + bytes
      })
      return runs
    },
    zerosAtEnd: () => (packed ? 0 : capacityBytes - position),
  }
}
