import { describe, expect, it } from 'vitest'
import { described, machineOf, resolve } from './machines.ts'

const ova = 'source: {provider: ova, path: a.ova}\nnetwork_mapping: {default_bridge: br0}\n'
const of = (text: string) => machineOf(`${ova}${text}`, described)

describe('the look into a guest', () => {
  it('takes place when it is asked for, or a repair needs it', () => {
    expect(of('').inspection).toBeUndefined()
    expect(of('pipeline: {inspect: {enabled: false, collect_guest_info: true}}').inspection).toBeUndefined()
    expect(of('pipeline: {inspect: {enabled: true}}').inspection).toEqual({ collectGuestInfo: false, luksKeys: [] })
    expect(of('pipeline: {fix: {enabled: true}}').inspection).toEqual({ collectGuestInfo: false, luksKeys: [] })
    expect(of('configuration: {hostname: {hostname: a}}').inspection).toBeDefined()
    expect(of('configuration: {hostname: {}, users: {create: []}}').inspection, 'nothing is asked for').toBeUndefined()
  })

  it('keeps where keys are, and never a key', () => {
    const keys = '[{device: UUID=1234-ab, key_env: VAULT_KEY}, {key_file: keys/a.key}]'
    expect(of(`pipeline: {inspect: {enabled: true, luks_keys: ${keys}}}`).inspection?.luksKeys).toEqual([
      { device: 'UUID=1234-ab', from: { env: 'VAULT_KEY' } },
      { from: { file: expect.stringMatching(/^\/.*keys\/a\.key$/) } },
    ])
  })
})

describe('the repair of a guest', () => {
  it('has every default, and the names that its NICs will have', () => {
    const { repair } = of('pipeline: {fix: {enabled: true}}')
    expect(repair).toMatchObject({
      backup: true,
      updateGrub: true,
      regenerateInitramfs: true,
      fstabMode: 'stabilize-all',
      removeVmwareTools: false,
      networkMode: 'rename',
    })
    expect(repair?.nics[0]?.predictedName).toMatch(/^en[ps]\d/)
  })

  it('changes nothing but what a configuration says when only that is there', () => {
    expect(of('configuration: {hostname: {hostname: a}}').repair).toMatchObject({
      configuration: { hostname: { hostname: 'a' } },
      updateGrub: false,
      regenerateInitramfs: false,
      fstabMode: 'noop',
      networkMode: 'keep',
    })
    expect(of('pipeline: {fix: {enabled: true, fixer: none}}').repair).toBeUndefined()
  })

  it('by virt-v2v leaves nothing but the configuration to h2k', () => {
    const { repair } = of('pipeline: {fix: {enabled: true, fixer: virt-v2v, virtio_win: drivers/virtio-win.iso}}')
    expect(repair).toMatchObject({ fixer: 'virt-v2v', updateGrub: false, fstabMode: 'noop', networkMode: 'keep' })
    expect(repair?.virtioWin).toMatch(/^\/.*drivers\/virtio-win\.iso$/)
    const keys = 'inspect: {enabled: true, luks_keys: [{key_env: A}]}'
    expect(
      resolve(`${ova}pipeline: {${keys}, fix: {enabled: true, fixer: virt-v2v}}`, described).issues,
    ).toContainEqual(expect.stringMatching(/^NOT_BUILT pipeline\.fix\.fixer: /))
  })
})
