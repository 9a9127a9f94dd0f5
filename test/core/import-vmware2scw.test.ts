import { expect, it } from 'vitest'
import { importVmware2scw, type Vmware2scwFiles } from '../../src/core/import-vmware2scw.ts'
import { profileSchema } from '../../src/core/language/profile.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import { vmware2scwConfigSchema, vmware2scwPlanSchema } from '../../src/core/language/vmware2scw.ts'
import { workspaceSchema } from '../../src/core/language/workspace.ts'
import { bytes, yaml } from './layer-texts.ts'
import { configText, planText } from './vmware2scw-plan.ts'

const noTarget = expect.stringMatching(/^this version has no Scaleway target: .* files under output/)
const run = (text: string, rest: Vmware2scwFiles = {}) => {
  const config = readAs(vmware2scwConfigSchema, bytes(text), 'migration.yaml')
  const made = importVmware2scw('exit', { config, ...rest })
  readAs(workspaceSchema, bytes(made.files['h2k.yaml'] ?? ''), 'h2k.yaml')
  return made
}
const small = (vmware: string, scaleway = '') =>
  `vmware: {vcenter: vc.example, username: mover${vmware}}\nscaleway: {project_id: p${scaleway}}\n`
const named = small(', password_env: P', ', access_key_env: A, secret_key_env: S')

it('makes a workspace of a configuration', () => {
  const { files, warnings } = run(configText)
  expect(Object.keys(files)).toEqual(['h2k.yaml'])
  expect(files['h2k.yaml']).toMatch(/^# Made of the migration.yaml of vmware2scw.\n\n?h2k_version: 1\n/)
  expect(yaml(files['h2k.yaml'] ?? '')).toEqual({
    h2k_version: 1,
    name: 'exit',
    work_directory: '/var/lib/mover/work',
    connections: {
      vsphere: {
        type: 'vsphere',
        url: 'https://vc.example/sdk',
        username: 'mover@vsphere.local',
        password_env: 'VC_PASSWORD',
        insecure: true,
      },
      scaleway: {
        type: 'scaleway',
        access_key_env: 'KEY',
        secret_key_env: 'SECRET',
        project_id: '22222222-2222-2222-2222-222222222222',
        zone: 'fr-par-1',
        bucket: 'transit',
        region: 'fr-par',
      },
    },
    defaults: { profile: 'production' },
  })
  expect(warnings).toEqual([
    expect.stringMatching(/^vmware\.insecure: .* thumbprint/),
    noTarget,
    'scaleway.organization_id has no counterpart and is left out',
    'migration.parallel_exports has no counterpart and is left out',
    'migration.parallel_uploads has no counterpart and is left out',
    'migration.retry_count has no counterpart and is left out',
    'migration.retry_delay_seconds has no counterpart and is left out',
  ])
})

it('includes the plan as it stands, and takes its limits', () => {
  const plan = readAs(vmware2scwPlanSchema, bytes(planText), 'plan.yaml')
  const { files } = run(configText, { plan: { path: 'batches/plan.yaml', plan } })
  expect(yaml(files['h2k.yaml'] ?? '')).toMatchObject({
    include: ['manifests/**/*.{yaml,yml,json}', 'batches/plan.yaml'],
    concurrency: { disk_io: 2, global: 50 },
  })
  const alone = importVmware2scw('exit', { plan: { path: 'batches/plan.yaml', plan } })
  expect(yaml(alone.files['h2k.yaml'] ?? '')).toEqual({
    h2k_version: 1,
    name: 'exit',
    include: ['manifests/**/*.{yaml,yml,json}', 'batches/plan.yaml'],
    defaults: { profile: 'production' },
    concurrency: { disk_io: 2, global: 50 },
  })
  expect(alone.warnings).toEqual([])
})

it('leaves secrets where they are, and says which variable is to hold each', () => {
  const text = small(', password: hunter2', ', access_key: SCWHUNTER3, secret_key: 83150, secret_key_env: OTHER')
  const { files, warnings } = run(text)
  expect(JSON.stringify({ files, warnings })).not.toMatch(/hunter2|HUNTER3|83150/)
  expect(yaml(files['h2k.yaml'] ?? '')).toMatchObject({
    connections: {
      vsphere: { password_env: 'VCENTER_PASSWORD' },
      scaleway: { access_key_env: 'SCW_ACCESS_KEY', secret_key_env: 'OTHER' },
    },
  })
  expect(warnings).toEqual([
    'vmware.password stands in plain text and is not copied: put it into the variable VCENTER_PASSWORD, and replace it if others read the file',
    'scaleway.access_key stands in plain text and is not copied: put it into the variable SCW_ACCESS_KEY, and replace it if others read the file',
    'scaleway.secret_key stands in plain text and is not copied: put it into the variable OTHER, and replace it if others read the file',
    noTarget,
  ])
})

it('says which secrets are missing', () => {
  expect(run(small('')).warnings).toEqual([
    'vmware.password is missing: put it into the variable VCENTER_PASSWORD',
    'scaleway.access_key is missing: put it into the variable SCW_ACCESS_KEY',
    'scaleway.secret_key is missing: put it into the variable SCW_SECRET_KEY',
    noTarget,
  ])
})

it.each([
  ['vc.example', 'https://vc.example/sdk', []],
  ['vc.example:8443', 'https://vc.example:8443/sdk', []],
  ['https://vc.example/sdk', 'https://vc.example/sdk', []],
  ['https://vc.example', 'https://vc.example/sdk', []],
  [
    'https://admin:hunter2@vc.example/sdk',
    'https://vc.example/sdk',
    ['vmware.vcenter holds a user or a password, which are not copied'],
  ],
])('%s is a vCenter at %s', (vcenter, url, warnings) => {
  const made = run(named.replace('vc.example', JSON.stringify(vcenter)))
  expect(yaml(made.files['h2k.yaml'] ?? '')).toMatchObject({ connections: { vsphere: { url } } })
  expect(made.warnings).toEqual([...warnings, noTarget])
})

it('keeps that nothing is to be compressed, in a profile of the workspace', () => {
  const { files } = run(`${named}conversion: {compress_qcow2: false}\n`)
  expect(yaml(files['h2k.yaml'] ?? '')).toMatchObject({ defaults: { profile: 'uncompressed' } })
  expect(readAs(profileSchema, bytes(files['profiles/uncompressed.yaml'] ?? ''), 'uncompressed.yaml')).toEqual({
    extends: 'production',
    pipeline: { convert: { enabled: true, compress: false } },
  })
})

it('says what it leaves out', () => {
  const conversion = '{virtio_win_iso: /iso, cleanup_on_success: false, virt_v2v_verbose: true}'
  const { warnings } = run(`${named}conversion: ${conversion}\nmigration: {export_strategy: streaming}\n`)
  expect(warnings.map((text) => text.split(' ')[0])).toEqual([
    'this',
    'conversion.virtio_win_iso',
    'conversion.cleanup_on_success',
    'conversion.virt_v2v_verbose',
    'migration.export_strategy',
  ])
})
