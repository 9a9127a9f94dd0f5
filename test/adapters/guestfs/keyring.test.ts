import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createGuests } from '../../../src/adapters/guestfs/guests.ts'
import { readKeyring } from '../../../src/adapters/guestfs/keyring.ts'
import type { LuksKey } from '../../../src/core/machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-keyring-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = join(folder, 'key')
writeFileSync(file, 'correct horse\n')

const missing: readonly (readonly [string, LuksKey, RegExp])[] = [
  ['variable', { from: { env: 'H2K_NO_SUCH_KEY' } }, /GUEST_KEY_MISSING.*H2K_NO_SUCH_KEY/],
  ['file', { from: { file: join(folder, 'none') } }, /GUEST_KEY_MISSING.*none.*ENOENT/],
]

describe('the keys of a guest', () => {
  it.each(missing)('are needed before its appliance starts: a %s', async (_, key, told) => {
    const runner = { run: vi.fn(), converse: vi.fn() } as never
    const overlay = vi.fn()
    const image = { path: join(folder, 'disk'), format: 'qcow2' as const }
    const disks = [{ id: 'boot', image, overlay: join(folder, 'overlay') }]
    const opened = createGuests({ runner, overlay }).open({ folder, disks, luksKeys: [key] }, AbortSignal.abort())
    await expect(opened).rejects.toThrow(told)
    expect(overlay).not.toHaveBeenCalled()
  })

  it('are tried on the device that they name, in their order, without the end of their line', async () => {
    vi.stubEnv('H2K_KEY', 'battery staple')
    const keyring = await readKeyring([
      { device: 'UUID=0e5b', from: { env: 'H2K_KEY' } },
      { from: { file } },
      { device: '/dev/sdb', from: { file } },
    ])
    vi.unstubAllEnvs()
    const secrets = (device: string, uuid?: string) => keyring.fittingOf(device, uuid).map(({ secret }) => secret)
    expect(secrets('/dev/sda2', '0e5b')).toEqual(['battery staple', 'correct horse'])
    expect(secrets('/dev/sda2', 'another')).toEqual(['correct horse'])
    expect(secrets('/dev/sdb')).toEqual(['correct horse', 'correct horse'])
  })

  it('are known by what they opened', async () => {
    const keyring = await readKeyring([{ from: { file } }, { device: '/dev/sda', from: { file } }])
    const [, second] = keyring.fittingOf('/dev/sda', undefined)
    if (second) keyring.opened('/dev/sda', second)
    expect(keyring.fittingOf('/dev/sda', undefined)).toEqual([second])
    expect(keyring.fittingOf('/dev/sdb', undefined)).toHaveLength(1)
  })
})
