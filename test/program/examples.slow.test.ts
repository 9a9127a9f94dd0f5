import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeOva, qemuImg, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// What each example names and git does not hold.
const images: Readonly<Record<string, (folder: string) => void>> = {
  'one-machine': (folder) => {
    makeOva(folder, 'web01', [{ mib: 16 }, { mib: 8 }])
  },
  'exported-disks': (folder) => {
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'db01.vmdk'), '40M')
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'db01_1.vmdk'), '80M')
  },
}

const examples = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory())

test.each(examples.map(({ name }) => name))('example %s validates, plans and applies', async (name) => {
  const folder = temporaryFolder()
  cpSync(join('examples', name), folder, { recursive: true })
  const made = join(folder, 'images')
  mkdirSync(made)
  images[name]?.(made)
  for (const args of [['validate'], ['plan'], ['apply', '--auto-approve'], ['plan', '--detailed-exitcode']]) {
    const ended = await h2k(folder, args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(0)
  }
  expect(existsSync(join(folder, 'output'))).toBe(true)
})
