import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { copied, mib, mixedDisk } from './copies.ts'

const folder = sharedFolder()

test('a copy may be stopped at any moment, also while its threads are still starting', async () => {
  const image = join(folder, 'disk.vmdk')
  writeFileSync(image, streamOptimized(mixedDisk(24 * mib)))
  for (let milliseconds = 0; milliseconds < 250; milliseconds += 2) {
    const path = join(folder, `stopped-${milliseconds}.qcow2`)
    const signal = AbortSignal.timeout(milliseconds)
    await copied(image, path, 'qcow2', { signal }).catch((error: unknown) => expect(error).toBe(signal.reason))
  }
  await copied(image, join(folder, 'whole.qcow2'), 'qcow2')
})
