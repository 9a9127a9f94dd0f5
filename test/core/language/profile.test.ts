import { describe, expect, it } from 'vitest'
import { profileSchema } from '../../../src/core/language/profile.ts'
import { readAs } from '../../../src/core/language/read-as.ts'
import { refusal } from '../../support/refusal.ts'
import { bytes, yaml } from '../layer-texts.ts'

const read = (text: string) => readAs(profileSchema, bytes(text), 'profiles/web.yaml')
const problemsIn = (text: string) =>
  refusal(() => read(text)).map(
    ({ at, code, summary, hint }) =>
      `${at?.line}:${at?.column} ${code} ${summary}${hint === undefined ? '' : ` -> ${hint}`}`,
  )

describe('a profile may hold', () => {
  it.each([
    ['nothing', '{}'],
    ['what is its own', '$schema: ../schemas/profile.json\nextends: production\ndescription: for the shop\n'],
    [
      'any part of a manifest, incomplete',
      'pipeline: {convert: {compress: true}, validate: {boot_test: {expect: login}}}\nvm: {cpu: 2}\nsource: {connection: lab}\n',
    ],
    [
      'null wherever something may be removed',
      'vm: null\npipeline: {fix: null, convert: {compress: null}}\nnetwork_mapping: {source_networks: {DMZ: null}, default_bridge: null}\nhooks: {pre_fix: null}\n',
    ],
    [
      'part of what a mapping says of a network',
      'network_mapping: {on_unmapped: default, source_networks: {DMZ: {vlan: 110}}}',
    ],
    ['hooks', 'hooks: {pre_fix: [{type: script, path: hooks/backup.sh, args: ["{{ machine }}"]}]}'],
    [
      'parts for some systems',
      'when: [{os: windows, pipeline: {fix: {fstab_mode: noop}}}, {os: [debian, ubuntu], vm: null}]',
    ],
  ])('%s', (_name, text) => {
    expect(read(text)).toEqual(yaml(text))
  })
})

describe('it may not hold', () => {
  it.each([
    ['a misspelt key', 'pipline: {}', '1:1 KEY_UNKNOWN unknown key "pipline" -> did you mean "pipeline"?'],
    [
      'one far down',
      'pipeline: {convert: {compres: true}}',
      '1:22 KEY_UNKNOWN unknown key "compres" -> did you mean "compress"?',
    ],
    [
      'one in a part for some systems',
      'when: [{os: linux, vm: {cpus: 1}}]',
      '1:25 KEY_UNKNOWN unknown key "cpus" -> did you mean "cpu"?',
    ],
    ['a wrong value', 'vm: {cpu: 0}', '1:6 VALUE_INVALID vm.cpu: must be at least 1'],
    ['what is one machine’s own', 'disks: []', '1:1 KEY_UNKNOWN unknown key "disks"'],
    ['a machine’s name', 'source: {vm_name: web01}', '1:10 KEY_UNKNOWN unknown key "vm_name"'],
    ['a profile besides the one that it extends', 'profile: production', '1:1 KEY_UNKNOWN unknown key "profile"'],
    [
      'a path for a profile',
      'extends: ../production',
      '1:1 VALUE_INVALID extends: must be the name of a profile: letters, digits, . _ and -',
    ],
    ['no profile to extend', 'extends: null', '1:1 VALUE_INVALID extends is empty, and must be text'],
    ['parts for no system', 'when: [{vm: {cpu: 1}}]', '1:8 KEY_MISSING when[0].os is missing'],
    ['parts in parts', 'when: [{os: linux, when: []}]', '1:20 KEY_UNKNOWN unknown key "when"'],
    [
      'an item of a list that is not whole',
      'hooks: {pre_fix: [{type: script}]}',
      '1:19 KEY_MISSING hooks.pre_fix[0].path is missing',
    ],
    ['keys of every object', 'constructor: {}', '1:1 KEY_UNKNOWN unknown key "constructor"'],
    ['__proto__', 'vm: {__proto__: {cpu: 1}}', '1:6 KEY_UNKNOWN no key may be called "__proto__"'],
  ])('%s', (_name, text, expected) => {
    expect(problemsIn(text)).toEqual([expect.stringContaining(expected)])
  })
})
