import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { imageOptions } from '../../../src/adapters/qemu/image-options.ts'
import { tellInUse } from '../../../src/adapters/qemu/in-use.ts'
import { temporaryFolder } from '../../support/machines.ts'

test('an image that a machine runs from is told as that', async () => {
  const image = join(temporaryFolder(), 'web [1].raw')
  writeFileSync(image, Buffer.alloc(1 << 20))
  const holder = spawn('qemu-io', ['-f', 'raw', image], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.kill())
  // Its prompt comes once it has the image.
  await once(holder.stdout, 'data')
  const options = imageOptions({ path: image, format: 'raw' })
  const convert = (...more: string[]) =>
    tellInUse(createRunner()).run(
      { file: 'qemu-img', args: ['convert', ...more, '--image-opts', options, '-O', 'raw', `${image}.copy`] },
      new AbortController().signal,
    )
  await expect(convert()).rejects.toMatchObject({
    problems: [{ code: 'SOURCE_RUNNING', summary: expect.stringContaining(`${image} is in use`) }],
  })
  expect((await convert('-U')).exitCode).toBe(0)
})
