import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()

const edit = (path: string, from: string, to: string) => {
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replaceAll(from, to))
}

test('a plan is signed where it is made and checked where it is applied', async () => {
  const folder = localWorkspace({ 'manifests/a.yaml': localManifest(), 'plan.pub.pem': publicPem })
  expect((await h2k(folder, ['plan', '--out', 'plain.h2kplan'])).exitCode).toBe(0)
  const made = await h2k(folder, ['plan', '--out', 'a.h2kplan'], { H2K_PLAN_KEY: privatePem })
  expect(made.stdout).toContain('Saved the plan to a.h2kplan, signed.')
  const verify = { H2K_PLAN_KEY: 'plan.pub.pem' }

  const unsigned = await h2k(folder, ['apply', 'plain.h2kplan'], verify)
  expect(unsigned.stderr).toContain('error PLAN_UNSIGNED: plain.h2kplan is not signed')
  expect(unsigned.exitCode).toBe(4)
  const publicly = await h2k(folder, ['plan', '--out', 'b.h2kplan'], verify)
  expect(publicly.stderr).toContain('PLAN_KEY_INVALID: H2K_PLAN_KEY holds a public key, which cannot sign')

  const bare64 = await h2k(folder, ['plan', '--out', 'b.h2kplan'], { H2K_PLAN_KEY: 'c2VjcmV0LWtleQ==' })
  expect(bare64.stderr).toContain('PLAN_KEY_INVALID: H2K_PLAN_KEY is no file that can be read, and no PEM')
  expect(bare64.stderr).not.toContain('c2VjcmV0')

  // In git, too: then a plan that nobody signed is not even made here.
  edit(join(folder, 'h2k.yaml'), 'name: test\n', 'name: test\npolicy: {plan_keys: [plan.pub.pem]}\n')
  const bare = await h2k(folder, ['apply', '--auto-approve'])
  expect(bare.stderr).toContain('PLAN_UNSIGNED: this workspace applies signed plans only')
  expect([bare.exitCode, (await h2k(folder, ['apply', 'plain.h2kplan'])).exitCode]).toEqual([4, 4])
  expect((await h2k(folder, ['show', 'plain.h2kplan'])).stdout).toMatch(/^Not signed. It would be refused: /)

  edit(join(folder, 'a.h2kplan'), '"write', '"wrote')
  expect((await h2k(folder, ['apply', 'a.h2kplan'])).stderr).toContain('PLAN_UNREADABLE')
  edit(join(folder, 'a.h2kplan'), '"wrote', '"write')
  edit(join(folder, 'a.h2kplan'), 'boots BIOS', 'boots fine')
  const altered = await h2k(folder, ['apply', 'a.h2kplan'])
  expect(altered.stderr).toContain('PLAN_ALTERED')
  expect(altered.exitCode).toBe(4)
  edit(join(folder, 'a.h2kplan'), 'boots fine', 'boots BIOS')

  const applied = await h2k(folder, ['apply', 'a.h2kplan'], verify)
  expect(applied.exitCode, applied.stderr).toBe(0)
  const shown = await h2k(folder, ['show', 'a.h2kplan'])
  expect(shown.stdout).toMatch(/^Signed with key [0-9a-f]{16}\.\nThis plan was applied by /)
  expect((await h2k(folder, ['apply', 'a.h2kplan'], verify)).stderr).toContain('PLAN_USED')
  const all = [made, unsigned, publicly, bare, altered, applied, shown].map(({ stdout, stderr }) => stdout + stderr)
  expect(all.join('')).not.toContain(privatePem.split('\n')[1])
})

test('what went stale is told field by field, and a plan made again is compared with the one that was reviewed', async () => {
  const folder = localWorkspace({
    'manifests/a.yaml': localManifest(),
    'manifests/b.yaml': localManifest().replace('id: boot', 'id: other'),
  })
  await h2k(folder, ['plan', '--out', 'review.h2kplan'])
  const same = await h2k(folder, ['plan', '--compare', 'review.h2kplan'])
  expect(same.stdout).toContain('As reviewed in review.h2kplan: the same is done with the same machines.')
  expect(same.exitCode).toBe(0)

  edit(join(folder, 'manifests/a.yaml'), 'cpu: 1', 'cpu: 4')
  writeFileSync(join(folder, 'manifests/c.yaml'), localManifest().replace('id: boot', 'id: third'))
  const compared = await h2k(folder, ['plan', '--compare', 'review.h2kplan', '--out', 'merged.h2kplan'])
  expect(compared.stdout).toContain(`Not as reviewed in review.h2kplan: 2 machines differ.
  machine.a: manifests/a.yaml, or what it refers to, changed since
      hardware.cpus: 1 -> 4 (manifests/a.yaml:3:6)
  machine.c: it would now be "create", and was not reviewed: it was not in the plan
`)
  expect(compared.exitCode).toBe(4)

  const shown = await h2k(folder, ['show', 'review.h2kplan'])
  expect(shown.stdout).toContain('      hardware.cpus: 1 -> 4 (manifests/a.yaml:3:6)\n')
  const applied = await h2k(folder, ['apply', 'review.h2kplan'])
  expect(applied.stderr).toContain(
    'error PLAN_STALE: manifests/a.yaml, or what it refers to, changed since\n  hardware.cpus: 1 -> 4',
  )
  expect(applied.stdout).toContain('1 done')
  expect(applied.exitCode, 'b is done, a is stale').toBe(4)
})
