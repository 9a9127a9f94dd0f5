import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

const config = 'h2k_version: 1\nname: test\ninclude: [manifests/*.yaml, plan.yaml]\n'
const named = (name: string, rest = '') =>
  localManifest(`nics: [{id: nic0, network: VM Network}]\noutput: {directory: ../converted/${name}}\n${rest}`)
const plan = `version: 1
defaults:
  zone: fr-par-1
  tags: [from-vmware]
  network_mapping: {"VM Network": br0}
concurrency: {max_concurrent_conversions: 1, max_total_workers: 2}
migrations:
  - vm_name: web-dev-01
    target_type: PLAY2-MICRO
    priority: 1
    notes: the first
  - vm_pattern: "web-*"
    priority: 3
    network_mapping: {"VM Network": br-web}
  - vm_folder: /DC1/Production
    priority: 2
  - vm_tag: tier:gold
  - vm_regex: "old-[0-9]+"
  - vm_name: not-here
exclude:
  - vm_pattern: "template-*"
  - vm_regex: "^web-.*-tmp$"
`
const machines = {
  'web-dev-01': '',
  'web-prod-01': '',
  'web-7-tmp': '',
  'template-deb': '',
  db01: 'metadata: {folder: /DC1/Production/Databases}\n',
  erp: 'metadata: {tags: {tier: gold}}\nnetwork_mapping: {source_networks: {VM Network: br-erp}}\n',
  'old-3': 'priority: 9\n',
  alone: 'network_mapping: {default_bridge: br-own}\n',
}
const workspace = (text = plan) =>
  localWorkspace({
    'h2k.yaml': config,
    'plan.yaml': text,
    ...Object.fromEntries(
      Object.entries(machines).map(([name, rest]) => [`manifests/${name}.yaml`, named(name, rest)]),
    ),
  })

describe('a plan of vmware2scw is a batch as it stands', () => {
  it('takes machines of the workspace, and says what it leaves out, does not find and cannot do', async () => {
    const folder = workspace()
    const checked = await h2k(folder, ['validate'])
    expect(checked.exitCode, checked.stderr).toBe(0)
    expect(checked.stderr).toMatch(
      /plan\.yaml:21:5 info MACHINE_EXCLUDED: exclude\[0\] leaves out machine\.template-deb/,
    )
    expect(checked.stderr).toMatch(/plan\.yaml:22:5 info MACHINE_EXCLUDED: exclude\[1\] leaves out machine\.web-7-tmp/)
    expect(checked.stderr).toMatch(/plan\.yaml:19:5 warning NOT_BUILT: the workspace has no machine "not-here"/)

    const { exitCode, stdout } = await h2k(folder, ['plan'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Plan: 6 to create')
    for (const [name, bridge] of [
      ['web-dev-01', 'br0'],
      ['web-prod-01', 'br-web'],
      ['db01', 'br0'],
      ['erp', 'br-erp'],
      ['alone', 'br-own'],
    ] as const) {
      const [, part = ''] = stdout.split(`machine.${name} `)
      expect(part.slice(0, part.indexOf('machine.'))).toContain(`"VM Network" -> bridge ${bridge} `)
    }
    expect(stdout).toMatch(/scaleway \(Scaleway target\)/)
    expect(stdout).not.toMatch(/machine\.(?:template-deb|web-7-tmp)/)
  })

  it('every value is from the line of the plan that says it', async () => {
    const { stdout } = await h2k(workspace(), ['plan', '--explain', 'machine.web-dev-01'])
    expect(stdout).toMatch(/^priority +1 +plan\.yaml:10:5 \(migrations\[0\] of the plan\)$/m)
    expect(stdout).toMatch(/^scaleway\.zone +"?fr-par-1"? +plan\.yaml:3:3 \(defaults of the plan\)$/m)
    expect(stdout).toMatch(/^metadata\.notes +"?the first"? +plan\.yaml:11:5 /m)
  })

  it('its machines are applied, the lowest priority first, one copy at a time', async () => {
    const folder = workspace()
    const ended = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    const copies = ended.events().filter(({ type, stage, machine }) => {
      return (type === 'stage_start' || type === 'stage_done') && stage === 'convert' && machine !== 'alone'
    })
    expect(copies.map(({ type }) => type)).toEqual(Array(5).fill(['stage_start', 'stage_done']).flat())
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  const waved = `${plan.replace('notes: the first', 'wave: canary')}waves:
  - {name: canary, pause_after: continue}
  - {name: main, vms: ["web-*", db01], pause_after: pause}
`
  const stdoutOf = async (folder: string, ...args: string[]) => (await h2k(folder, args)).stdout

  it('its waves go one after the other: by the entry, by a pattern, and the rest', async () => {
    const folder = workspace(waved)
    const { waves, machines: planned } = (await h2k(folder, ['plan', '--json'])).data<{
      waves: readonly { name: string; machines: number }[]
      machines: readonly { name: string; wave: string }[]
    }>()
    expect(waves.map(({ name, machines: count }) => `${name} ${count}`)).toEqual(['canary 1', 'main 2', 'the rest 3'])
    expect(planned.filter(({ wave }) => wave === 'main').map(({ name }) => name)).toEqual(['db01', 'web-prod-01'])
    expect(await stdoutOf(folder, 'plan', '--explain', 'machine.db01')).toMatch(/^wave +"main" +plan\.yaml:25:18 /m)
    const first = await h2k(folder, ['apply', '--auto-approve'])
    expect(first.exitCode, first.stdout + first.stderr).not.toBe(1)
    expect(readdirSync(join(folder, 'converted')).toSorted()).toEqual(['db01', 'web-dev-01', 'web-prod-01'])
  })

  it('unless h2k.yaml has waves of its own, which are then those that an entry names', async () => {
    const folder = workspace(waved)
    writeFileSync(join(folder, 'h2k.yaml'), `${config}waves: [{name: canary}, {name: late, machines: ["*"]}]\n`)
    const { stderr } = await h2k(folder, ['validate'])
    expect(stderr).toMatch(/plan\.yaml:23:1 warning KEY_USELESS: waves has no effect: h2k\.yaml has waves of its own/)
    const { waves } = (await h2k(folder, ['plan', '--json'])).data<{ waves: readonly { name: string }[] }>()
    expect(waves.map(({ name }) => name)).toEqual(['canary', 'late'])
  })

  it.each([
    ['a broken expression', plan.replace('old-[0-9]+', 'old-('), /plan\.yaml:18:5 error VALUE_INVALID/],
    ['a key that is not known', plan.replace('notes:', 'note:'), /plan\.yaml:11:5 error KEY_UNKNOWN/],
    [
      'a wave that there is not',
      `${plan.replace('notes: the first', 'wave: canry')}waves: [{name: canary}]\n`,
      /WAVE_UNKNOWN/,
    ],
  ])('%s is refused at its line', async (_name, text, expected) => {
    const { exitCode, stderr } = await h2k(workspace(text), ['validate'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(expected)
  })

  it('two plans that take one machine are refused', async () => {
    const folder = workspace()
    writeFileSync(join(folder, 'h2k.yaml'), config.replace('plan.yaml', '"plan*.yaml"'))
    writeFileSync(join(folder, 'plan2.yaml'), 'version: 1\nmigrations: [{vm_name: erp}]\n')
    const { exitCode, stderr } = await h2k(folder, ['validate'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/plan2\.yaml:2:14 error NAME_DUPLICATE: machine\.erp is taken by plan\.yaml, too/)
  })
})

describe('import --from vmware2scw', () => {
  const migration = `vmware: {vcenter: vc.example, username: mover, password: canary-hunter2}
scaleway: {access_key: canary-hunter3, secret_key_env: SCW, s3_bucket: transit}
conversion: {compress_qcow2: false}
`
  const files = { 'old/migration.yaml': migration, 'old/plan.yaml': plan }
  const folderWith = () => localWorkspace({ 'h2k.yaml': '', ...files })
  const everything = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join()

  it('makes a workspace that validates, without the secrets', async () => {
    const folder = folderWith()
    const args = ['-C', 'exit', 'import', '--from', 'vmware2scw', 'old/migration.yaml', 'old/plan.yaml']
    const made = await h2k(folder, args)
    expect(made.exitCode, made.stderr).toBe(0)
    expect(made.stderr).toMatch(/warning SOURCE_DIFFERS: vmware\.password stands in plain text .*VCENTER_PASSWORD/)
    const exit = join(folder, 'exit')
    expect(readFileSync(join(exit, 'batches/plan.yaml'), 'utf8')).toBe(plan)
    const checked = await h2k(exit, ['validate'])
    expect(checked.exitCode, checked.stderr).toBe(0)
    const json = await h2k(folder, ['-C', 'again', 'import', '--from', 'vmware2scw', 'old/migration.yaml', '--json'])
    expect(json.data<{ written: string[] }>().written).toContain(join(folder, 'again/profiles/uncompressed.yaml'))
    const printed = [made, checked, json].map(({ stdout, stderr }) => stdout + stderr).join()
    expect(printed + everything(exit) + everything(join(folder, 'again'))).not.toContain('canary')
  })

  it('takes a plan where it lies in the workspace, and a machine that is imported then is of it', async () => {
    const folder = localWorkspace({
      'h2k.yaml': '',
      'plan.yaml': plan,
      'manifests/erp.yaml': named('erp', machines.erp),
    })
    rmSync(join(folder, 'h2k.yaml'))
    expect((await h2k(folder, ['import', '--from', 'vmware2scw', 'plan.yaml'])).exitCode).toBe(0)
    const { stdout } = await h2k(folder, ['plan', '--explain', 'machine.erp'])
    expect(stdout).toMatch(/^scaleway\.zone .* plan\.yaml:3:3 /m)
  })

  it.each([
    ['nothing', [], /error USAGE: name migration\.yaml, a plan, or both/],
    ['two plans', ['old/plan.yaml', 'old/plan.yaml'], /error USAGE: old\/plan\.yaml is a plan too/],
    ['a file that is not there', ['old/none.yaml'], /error FILE_UNREADABLE: old\/none\.yaml/],
    ['another file', ['old/other.yaml'], /old\/other\.yaml:1:1 error KEY_MISSING/],
    ['flags for machines', ['old/plan.yaml', '--cpu', '2'], /error USAGE/],
  ])('refuses %s', async (_name, args, expected) => {
    const folder = folderWith()
    writeFileSync(join(folder, 'old/other.yaml'), 'name: a\n')
    const { exitCode, stderr } = await h2k(folder, ['-C', 'exit', 'import', '--from', 'vmware2scw', ...args])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(expected)
  })

  it('does not replace a workspace', async () => {
    const folder = folderWith()
    const { stderr } = await h2k(folder, ['import', '--from', 'vmware2scw', 'old/plan.yaml'])
    expect(stderr).toContain('error WORKSPACE_EXISTS')
  })
})
