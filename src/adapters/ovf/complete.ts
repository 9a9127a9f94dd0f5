import type { DescribedMachine } from '../../core/described.ts'
import { problem } from '../../core/problem.ts'
import { findNamed } from './names.ts'
import type { Descriptor } from './parse-ovf.ts'

interface Present {
  readonly name: string
  readonly lengthBytes: number
}

/**
 * The machine of a descriptor whose files are all there, with their true sizes. A size that the descriptor has wrong is
 * only a warning: whoever edits an OVF forgets it, and the digests tell damage from an edit.
 * @throws ProblemError SOURCE_MISSING naming the first file that is not there
 */
export function completeMachine(
  { machine, files }: Descriptor,
  present: readonly Present[],
  where: string,
): DescribedMachine {
  const warnings: string[] = []
  for (const { href, bytes, at } of files) {
    const found = findNamed(present, href)
    if (found === undefined) {
      throw problem('SOURCE_MISSING', `${href}, which ${at.file} names, is not ${where}`, {
        hint: 'copy or export the machine again, with all of its files',
        at,
      })
    }
    if (bytes !== undefined && bytes !== found.lengthBytes) {
      warnings.push(`${href} has ${found.lengthBytes} bytes, the descriptor says ${bytes}`)
    }
  }
  const disks = machine.disks.map((disk) => {
    const fileBytes = findNamed(present, disk.file)?.lengthBytes
    return fileBytes === undefined ? disk : { ...disk, fileBytes }
  })
  return { ...machine, disks, warnings: [...machine.warnings, ...warnings] }
}

/** The files under the names that the descriptor has for them, so that a disk's `file` finds its own. */
export function asDescribed<T extends Present>({ files }: Descriptor, present: readonly T[]): readonly T[] {
  const described = files.flatMap(({ href }) => {
    const found = findNamed(present, href)
    return found === undefined ? [] : [{ href, found }]
  })
  return present.flatMap((each) => {
    const hrefs = new Set(described.filter(({ found }) => found === each).map(({ href }) => href))
    return hrefs.size === 0 ? [each] : [...hrefs].map((name) => ({ ...each, name }))
  })
}
