import { join } from 'node:path'
import { expect, test } from 'vitest'
import { qemuImg } from '../../support/machines.ts'
import { sharedFolder } from '../image-header/images.ts'
import { copied } from './copies.ts'

const folder = sharedFolder()

test('a sparse disk of terabytes costs what its data costs', async () => {
  const image = join(folder, 'huge.vmdk')
  qemuImg('create', '-f', 'vmdk', image, '2T')
  const { path } = await copied(image, join(folder, 'huge.qcow2'), 'qcow2')
  expect(JSON.parse(qemuImg('info', '--output=json', path))).toMatchObject({ 'virtual-size': 2 ** 41 })
  expect(qemuImg('check', '-f', 'qcow2', path)).toMatch(/No errors were found/)
})
