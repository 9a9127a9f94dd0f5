import { printable } from '../../core/printable.ts'
import { type Problem, type ProblemCode, type ProblemError, problem } from '../../core/problem.ts'
import type { ImageBytes } from './bytes.ts'

/** The largest disk that h2k moves: what vSphere makes at most is 62 TiB. */
const largestDiskBytes = 64 * 2 ** 40

const hints: Partial<Record<ProblemCode, string>> = {
  IMAGE_CORRUPT: 'copy it from its source again and compare the checksums; if it is the same there, export it again',
  IMAGE_UNSUPPORTED: 'make another image of the disk with the tools it came from: a VMDK in one file, qcow2 or raw',
  IMAGE_ABSURD: 'do not open it with other tools; get the disk again from a source that you trust',
}

/** The error for a fault of an image; `what` goes on from its name, such as `has a backing file`. */
export function fault(
  image: Pick<ImageBytes, 'name'>,
  code: ProblemCode,
  what: string,
  rest: Pick<Problem, 'detail' | 'hint'> = {},
): ProblemError {
  const hint = rest.hint ?? hints[code]
  return problem(code, `${image.name} ${what}`, hint === undefined ? rest : { ...rest, hint })
}

/** The error for a snapshot's delta or another image that holds only what differs from its parent. */
export function differencing(image: Pick<ImageBytes, 'name'>, parent?: string): ProblemError {
  const named = parent === undefined ? '' : `; its parent is ${quoted(parent)}`
  return fault(image, 'IMAGE_REFERS_OUTSIDE', `holds only what differs from a parent image${named}`, {
    hint: 'consolidate (delete) the snapshots of the machine, then export or copy its disk again',
  })
}

/**
 * A virtual size out of a header, in bytes.
 * @throws ProblemError IMAGE_ABSURD for none, for more than 64 TiB, and for parts of a sector
 */
export function diskSize(image: Pick<ImageBytes, 'name'>, bytes: number): number {
  if (bytes > 0 && bytes <= largestDiskBytes && bytes % 512 === 0) return bytes
  throw fault(
    image,
    'IMAGE_ABSURD',
    `says that its disk has ${told(bytes)} bytes; h2k takes whole sectors up to 64 TiB`,
  )
}

/** A number out of a header, for a message. */
export function told(value: number): string {
  return Number.isFinite(value) ? String(value) : 'beyond 2^53'
}

/** A name out of an image, for a message. */
export function quoted(name: string): string {
  return printable(JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name))
}
