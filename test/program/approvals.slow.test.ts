import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const libvirt = startLibvirt()

const config = `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${libvirt.uri}", domain_type: qemu}}
defaults: {target: kvm1}
`
const approving = 'nics: []\nvm: {mem_gb: 0.125}\ncutover: {require_approval: true, shutdown_seconds: 0}\n'

interface Planned {
  readonly machines: readonly { readonly name: string; readonly approval?: object }[]
}

test('plan and status say who approved a cutover and until when, or that it waits for that', async () => {
  const ova = makeOva(temporaryFolder(), 'web', [{ mib: 4 }])
  const rewrite = (text: string) => writeFileSync(join(folder, 'manifests/web.yaml'), ovaManifest(ova.path, text))
  const folder = makeWorkspace({ 'h2k.yaml': config, 'manifests/web.yaml': ovaManifest(ova.path, approving) })
  chmodSync(folder, 0o755)
  const run = (...args: string[]) => h2k(folder, args)
  const told = async () => {
    const text = (await run('plan')).stdout
    const { approval } = (await run('plan', '--json')).data<Planned>().machines[0] ?? {}
    const review = (await run('plan', '--format', 'markdown')).stdout
    const [row = ''] = /(?<=### Approvals\n\n.*\n.*\n)\| .*/.exec(review) ?? []
    return { text, approval, row, status: (await run('status')).stdout }
  }
  expect((await told()).text).toContain('machine.web will be created')
  expect((await told()).text).toContain('its cutover waits for approval')
  expect((await run('plan', '--format', 'markdown')).stdout).toContain(' · downtime: - · cost: - · ')
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)

  const waits = await told()
  expect(waits.text).toContain('= machine.web is as git says, its cutover waits for approval')
  expect(waits.approval).toEqual({ standing: 'waits' })
  expect(waits.row).toBe('| `its cutover waits for approval` | 1 | `web` |')
  expect(waits.status).toMatch(/machine\.web +its cutover waits for approval/)
  expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)

  const until = '2099-05-02T06:00:00.000Z'
  expect((await run('approve', 'web', '--by', 'Board </details> @team', '--until', until)).exitCode).toBe(0)
  const given = await told()
  expect(given.text).toContain(`cutover approved by Board </details> @team until ${until}`)
  expect(given.approval).toMatchObject({ standing: 'given', by: 'Board </details> @team', until })
  expect(given.row).toContain('`cutover approved by Board </details> @team until')
  expect(given.status).toMatch(/machine\.web +cutover approved by Board/)
  expect((await run('plan', '--out', 'saved.h2kplan')).exitCode).toBe(0)
  expect((await run('show', 'saved.h2kplan')).stdout).toContain('cutover approved by Board')

  // What is approved is this machine, and no other.
  rewrite(approving.replace('0.125', '0.25'))
  expect((await told()).text).toContain(`until ${until}; this change ends that`)
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  expect((await told()).approval).toEqual({ standing: 'waits' })

  expect((await run('approve', 'web', '--by', 'board')).exitCode).toBe(0)
  expect((await run('cutover', 'web', '--auto-approve')).exitCode).toBe(0)
  const over = await told()
  expect([over.approval, over.status]).toEqual([undefined, expect.not.stringContaining('approv')])
  libvirt.virsh('destroy', 'web')

  // What that one took is what the next is estimated by.
  writeFileSync(join(folder, 'manifests/db.yaml'), ovaManifest(ova.path, approving))
  expect((await told()).text).toMatch(
    /its cutover: about \S+ m?s of downtime \(start measured at \S+ m?s over 1 cutover\)/,
  )
  const review = (await run('plan', '--format', 'markdown')).stdout
  expect(review).toMatch(
    / · downtime: about \S+ m?s of 1 machine \(`start measured at .* over 1 cutover`\) · cost: - · /,
  )
  expect((await run('plan', '--out', 'next.h2kplan')).exitCode).toBe(0)
  expect((await run('show', 'next.h2kplan')).stdout).toContain('of downtime')
})
