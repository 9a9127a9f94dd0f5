import { describe, expect, it } from 'vitest'
import { readAs } from '../../../src/core/language/read-as.ts'
import { workspaceSchema } from '../../../src/core/language/workspace.ts'
import { refusal } from '../../support/refusal.ts'

const head = 'h2k_version: 1\nname: exit\n'
const read = (text: string) => readAs(workspaceSchema, new TextEncoder().encode(text), 'h2k.yaml')
const problemsIn = (text: string) =>
  refusal(() => read(text)).map(({ at, code, summary, hint }) => {
    return `${at?.line}:${at?.column} ${code} ${summary}${hint === undefined ? '' : ` -> ${hint}`}`
  })

it('reads every key that it knows', () => {
  const text = `${head}x-owner: ops
state: {backend: sqlite, path: .h2k/state.db}
work_directory: .h2k/work
include: [manifests/**/*.yaml]
connections: {out: {type: files, domain_type: qemu}, other: {type: files}}
defaults:
  target: out
  profile: production
  wave: null
  network_mapping: {$ref: mappings/network.yaml, on_unmapped: default}
  storage_mapping: {default_pool: null, disk_limits: {iops: 500}}
profiles_directory: profiles
concurrency: {disk_io: 3, global: 10}
waves:
  - {name: canary, machines: ["web-dev-*"], pause_after: pause}
  - {name: rest, max_parallel: 4}
`
  expect(read(text)).toMatchObject({
    name: 'exit',
    defaults: { target: 'out', wave: null, network_mapping: { on_unmapped: 'default' } },
    waves: [{ machines: ['web-dev-*'] }, { max_parallel: 4 }],
    concurrency: { disk_io: 3, global: 10 },
  })
})

it.each([
  ['nothing of it', '{}\n', ['1:1 KEY_MISSING h2k_version is missing', '1:1 KEY_MISSING name is missing']],
  ['another version', 'h2k_version: 2\nname: a\n', ['1:1 VALUE_INVALID h2k_version: must be 1']],
  [
    'a name with a space',
    'h2k_version: 1\nname: data center\n',
    ['2:1 VALUE_INVALID name: must be letters, digits, . _ and - only'],
  ],
  [
    'a name that leads out',
    'h2k_version: 1\nname: ../a\n',
    ['2:1 VALUE_INVALID name: must be letters, digits, . _ and - only'],
  ],
  [
    'no copies at all',
    `${head}concurrency: {disk_io: 0}\n`,
    ['3:15 VALUE_INVALID concurrency.disk_io: must be at least 1'],
  ],
  [
    'a misspelt connection',
    `${head}connections: {out: {typ: files}}\n`,
    ['3:15 KEY_MISSING connections.out.type is missing', '3:21 KEY_UNKNOWN unknown key "typ" -> did you mean "type"?'],
  ],
  [
    'a misspelt key of a mapping for all',
    `${head}defaults: {network_mapping: {default_brige: br0}}\n`,
    ['3:30 KEY_UNKNOWN unknown key "default_brige" -> did you mean "default_bridge"?'],
  ],
  ['a wave without a name', `${head}waves: [{machines: [a]}]\n`, ['3:9 KEY_MISSING waves[0].name is missing']],
  [
    'another pause',
    `${head}waves: [{name: a, pause_after: never}]\n`,
    ['3:19 VALUE_INVALID waves[0].pause_after: must be "continue", "pause" or "pause_on_failure"'],
  ],
  [
    'a user without a password',
    `${head}connections: {web: {type: https, url: "https://a.lab/", username: me}}\n`,
    ['3:15 VALUE_INVALID connections.web: username and password_env go together'],
  ],
  [
    'two ways to say who asks',
    `${head}connections: {web: {type: https, url: "https://a.lab/", username: me, password_env: P, token_env: T}}\n`,
    ['3:15 VALUE_INVALID connections.web: either token_env or username and password_env'],
  ],
  ['one text for a list', `${head}include: manifests\n`, ['3:1 VALUE_INVALID include: must be a list']],
])('refuses %s', (_name, text, problems) => {
  expect(problemsIn(text)).toEqual(problems)
})

describe('what this version does not build', () => {
  it.each([
    'policy: {rules: {snapshot_depth: {max: 1}}}',
    'concurrency: {per_esxi_host: 4}',
    'concurrency: {s3_upload: 6}',
    'concurrency: {scw_api: 5}',
  ])('%s', (line) => {
    expect(problemsIn(`${head}${line}\n`)).toEqual([expect.stringMatching(/^3:\d+ NOT_BUILT .*this version has no /)])
  })

  // Their keys are right; that they cannot be honoured is all there is to say.
  it('connections and states of other kinds, in one word each', () => {
    const text = `${head}state: {backend: postgres, url_env: H2K_STATE_URL}
connections:
  odd: {type: hyperv, host: a}
`
    expect(problemsIn(text)).toEqual([
      '3:9 NOT_BUILT state.backend: this version has no shared state in PostgreSQL yet',
      '5:9 VALUE_INVALID connections.odd.type: must be "files", "libvirt", "https", "vsphere" or "scaleway"',
    ])
  })
})

describe('connections that no machine can use yet', () => {
  const vsphere = (rest: string) => `${head}connections:\n  lab: {type: vsphere, ${rest}}\n`
  const scaleway = (rest: string) => `${head}connections:\n  scw: {type: scaleway, ${rest}}\n`
  const lab = 'url: https://vcenter.lab/sdk, username: svc, password_env: VCENTER_PASSWORD'
  const scw = 'access_key_env: SCW_ACCESS_KEY, secret_key_env: SCW_SECRET_KEY'

  it.each([
    vsphere(lab),
    vsphere(`${lab}, thumbprint: "00:11", insecure: true, datacenter: DC1`),
    scaleway(scw),
    scaleway(
      `${scw}, project_id: p, zone: fr-par-1, bucket: b, region: fr-par, endpoint: "https://s3.fr-par.scw.cloud"`,
    ),
  ])('are checked all the same: %s', (text) => {
    expect(Object.keys(read(text).connections ?? {})).toHaveLength(1)
  })

  it.each([
    [
      vsphere('url: vcenter.lab, username: svc, password_env: P'),
      ['4:24 VALUE_INVALID connections.lab.url: must begin with https://'],
    ],
    [
      vsphere('url: "https://svc:hunter2@vcenter.lab/sdk", username: svc, password_env: P'),
      ['4:24 VALUE_INVALID connections.lab.url: must hold no user and no password'],
    ],
    // The value of a key that does not belong there may be a secret.
    [
      vsphere(`${lab}, password: hunter2`),
      [
        expect.stringMatching(
          /^4:101 KEY_UNKNOWN unknown key "password" -> known here: type, url, username, password_env/,
        ),
      ],
    ],
    [
      vsphere('url: https://vcenter.lab/sdk, username: svc, password_env: "hunter2!"'),
      ['4:69 VALUE_INVALID connections.lab.password_env: must be the name of an environment variable'],
    ],
    [scaleway(`${scw}, zone: paris`), ['4:89 VALUE_INVALID connections.scw.zone: must be a zone, such as fr-par-1']],
    [scaleway('access_key_env: A'), ['4:3 KEY_MISSING connections.scw.secret_key_env is missing']],
  ])('are refused where they are wrong: %s', (text, problems) => {
    expect(problemsIn(text)).toEqual(problems)
  })
})
