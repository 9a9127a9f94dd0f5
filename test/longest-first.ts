import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Minutes each, where guests are emulated: what begins last must not be one of them.
const longest = [
  ...['libvirt-remote', 'guest-boot', 'guest', 'families', 'virt-v2v', 'crash', 'windows', 'cutover'],
  ...['libvirt', 'guests', 'web-source', 'libvirt-snapshot', 'cutover-source', 'apply', 'libvirt-rbd'],
]

/** Vitest's order, by what it remembers of the last run, with the longest files in front where it remembers nothing. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (file: TestSpecification) => {
      const place = longest.indexOf(basename(file.moduleId, '.slow.test.ts'))
      const known = this.ctx.cache.getTestSpecificationResult(file) !== undefined
      return place < 0 || known ? longest.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
