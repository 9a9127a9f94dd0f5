import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { makeOva, qemuImg, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// What each example names and git does not hold.
const images: Readonly<Record<string, (folder: string) => void>> = {
  'one-machine': (folder) => {
    makeOva(folder, 'web01', [{ mib: 16 }, { mib: 8 }])
  },
  batch: (folder) => {
    for (const name of ['web01', 'win01']) qemuImg('create', '-q', '-f', 'vmdk', join(folder, `${name}.vmdk`), '40M')
  },
  hooks: (folder) => {
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'app01.vmdk'), '40M')
  },
  mappings: (folder) => {
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'files01.vmdk'), '40M')
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'files01_1.vmdk'), '20M')
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'files01_2.vmdk'), '80M')
  },
  waves: (folder) => {
    for (const name of ['web-dev-01', 'db-01', 'web-01', 'legacy']) {
      qemuImg('create', '-q', '-f', 'vmdk', join(folder, `${name}.vmdk`), '40M')
    }
  },
  'exported-disks': (folder) => {
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'db01.vmdk'), '40M')
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'db01_1.vmdk'), '80M')
  },
  'organisation-profile': (folder) => {
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'web01.vmdk'), '40M')
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'erp01.vmdk'), '80M')
  },
  'vmware2scw-plan': (folder) => {
    for (const name of ['shop-dev-01', 'shop-prod-01', 'shop-template', 'orders'])
      qemuImg('create', '-q', '-f', 'vmdk', join(folder, `${name}.vmdk`), '40M')
  },
  libvirt: (folder) => {
    makeOva(folder, 'web01', [{ mib: 16 }])
    makeOva(folder, 'db01', [{ mib: 16 }], 'efi')
  },
  'libvirt-import': (folder) => {
    qemuImg('create', '-q', '-f', 'qcow2', join(folder, 'web01.qcow2'), '40M')
    qemuImg('create', '-q', '-f', 'raw', join(folder, 'web01-data.raw'), '80M')
  },
}

// Machines with guests that are looked into, and a libvirt of another host: a test has neither.
const onlyPlanned = ['organisation-profile', 'libvirt']
const examples = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  // Templates of pipelines are no workspace.
  .filter(({ name }) => name !== 'ci')

test.each(examples.map(({ name }) => name))('example %s validates, plans and mostly applies', async (name) => {
  const folder = temporaryFolder()
  cpSync(join('examples', name), folder, { recursive: true })
  const made = join(folder, 'images')
  mkdirSync(made)
  images[name]?.(made)
  const planned = onlyPlanned.includes(name)
  const applied = planned
    ? []
    : [
        ['apply', '--auto-approve'],
        ['plan', '--detailed-exitcode'],
      ]
  for (const args of [['validate'], ['plan'], ...applied]) {
    // The chat of the hooks example: nobody listens there, and that is no failure.
    const ended = await h2k(folder, args, { CHAT_WEBHOOK: 'http://127.0.0.1:9/' })
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(0)
  }
  const domains = readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith('domain.xml'))
  expect(domains.length > 0).toBe(!planned)
})

test('the manifest of the example libvirt-import is what its script writes', () => {
  const folder = temporaryFolder()
  cpSync('examples/libvirt-import', folder, { recursive: true })
  mkdirSync(join(folder, 'images'))
  images['libvirt-import']?.(join(folder, 'images'))
  const manifest = join(folder, 'manifests/web01.yaml')
  const inGit = readFileSync(manifest, 'utf8')
  rmSync(manifest)
  const PATH = [resolve('bin'), join(process.execPath, '..'), process.env.PATH].join(':')
  execFileSync(join(folder, 'import.sh'), { cwd: folder, env: { ...process.env, PATH }, stdio: 'pipe' })
  expect(readFileSync(manifest, 'utf8')).toBe(inGit)
})
