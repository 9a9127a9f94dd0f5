import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { BootTestOutput } from '../../src/core/outputs.ts'
import { makeWorkspace } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// Under software emulation a repair takes minutes, and a boot one more.
const patience = 30 * 60_000

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece)
  return hash.digest('hex')
}

async function repaired(variant: string) {
  const { stdout } = await promisify(execFile)('scripts/test-guest.sh', [variant], { timeout: patience })
  const ova = stdout.trim()
  const before = await digest(ova)
  const folder = makeWorkspace({
    'manifests/legacy01.yaml': `manifest_version: "1.0"
source: {provider: ova, path: ${JSON.stringify(ova)}}
network_mapping: {default_bridge: br0}
pipeline:
  inspect: {enabled: true, luks_keys: [{key_file: ${resolve('scripts/test-guest/luks/etc/keys/root.key')}}]}
  fix: {enabled: true, remove_vmware_tools: true}
  validate: {enabled: true, boot_test: {enabled: true, timeout_seconds: 900, expect: H2K-GUEST end}}
`,
  })
  const ended = await h2k(folder, ['apply', '--auto-approve'])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  const { stages } = (await h2k(folder, ['state', 'show', 'legacy01', '--json'])).data<{
    stages: readonly { stage: string; output: BootTestOutput }[]
  }>()
  const output = stages.find(({ stage }) => stage === 'boot_test')?.output
  // A login prompt may come in between, on the same line.
  const lines = readFileSync(output?.log ?? '', 'utf8').matchAll(/H2K-GUEST [^\r\n]*/g)
  const said = [...lines].join('\n')
  return { said, sourceUntouched: (await digest(ova)) === before, output }
}

const guests: readonly (readonly [variant: string, devices: RegExp])[] = [
  ['full', /root=\/dev\/vda1 boot= swap=\/dev\/vda2/],
  ['lvm', /root=\/dev\/mapper\/vg0-root boot=\/dev\/vda1 swap=\/dev\/dm-\d/],
  ['luks', /root=\/dev\/mapper\/cryptroot boot=\/dev\/vda1 swap=\/dev\/vda3/],
  ['uefi', /root=\/dev\/vda2 boot= swap=\/dev\/vda3/],
  ['two-kernels', /root=\/dev\/vda1 boot= swap=\/dev\/vda2/],
  ['netplan', /root=\/dev\/vda1 boot= swap=\/dev\/vda2/],
  ['dracut', /root=\/dev\/vda1 boot= swap=\/dev\/vda2/],
]
// Half an hour without KVM: `npm run test:guests` takes all of them, the others one.
const chosen = process.env.H2K_TEST_GUESTS === 'all' ? guests : guests.filter(([variant]) => variant === 'uefi')

// The serial port's words are those of scripts/test-guest/root/usr/local/sbin/h2k-marker.
describe('a guest that only knew VMware boots on virtio, with its network', () => {
  test.each(chosen)(
    '%s',
    async (variant, devices) => {
      const { said, sourceUntouched, output } = await repaired(variant)
      expect(said).toMatch(devices)
      expect(said).toMatch(/driver=virtio_net mac=00:50:56:aa:bb:01 address=10\.0\.2\.15\/24/)
      expect(said).toMatch(/tools=(removed|not-installed)/)
      expect(sourceUntouched).toBe(true)
      if (variant === 'netplan') expect(output).toMatchObject({ agent: true })
    },
    patience,
  )
})
