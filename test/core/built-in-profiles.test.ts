import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parseText } from '../../src/core/language/parse-text.ts'
import { profileSchema } from '../../src/core/language/profile.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import { valueAt } from '../../src/core/layer.ts'
import { createProfiles } from '../../src/core/profiles.ts'

const names = readdirSync('profiles').map((file) => file.replace(/\.yaml$/, ''))
const read = (name: string) => ({
  file: `profiles/${name}.yaml`,
  profile: readAs(profileSchema, readFileSync(`profiles/${name}.yaml`), `profiles/${name}.yaml`),
})
const profiles = createProfiles({ names: () => names, find: read })

const keys = {
  inspect: 'pipeline.inspect.enabled',
  guestInfo: 'pipeline.inspect.collect_guest_info',
  fix: 'pipeline.fix.enabled',
  backup: 'pipeline.fix.backup',
  grub: 'pipeline.fix.update_grub',
  initramfs: 'pipeline.fix.regen_initramfs',
  fstab: 'pipeline.fix.fstab_mode',
  printFstab: 'pipeline.fix.print_fstab',
  vmwareTools: 'pipeline.fix.remove_vmware_tools',
  convert: 'pipeline.convert.enabled',
  compress: 'pipeline.convert.compress',
  level: 'pipeline.convert.compress_level',
  validate: 'pipeline.validate.enabled',
  format: 'output.format',
  report: 'options.report.enabled',
  reportPath: 'options.report.path',
} as const

// What each comes to, and after the bar what it writes itself beside `extends`: all else is inherited.
const table: readonly [
  name: string,
  base: string | undefined,
  effective: Partial<Record<keyof typeof keys, unknown>>,
  own: string,
][] = [
  [
    'production',
    undefined,
    {
      inspect: true,
      guestInfo: true,
      fix: true,
      backup: true,
      grub: true,
      initramfs: true,
      fstab: 'stabilize-all',
      vmwareTools: false,
      convert: true,
      compress: true,
      level: 6,
      validate: true,
      format: 'qcow2',
      report: true,
      reportPath: 'report.json',
    },
    'inspect guestInfo fix backup grub initramfs fstab vmwareTools convert compress level validate format report reportPath',
  ],
  [
    'testing',
    'production',
    {
      inspect: false,
      guestInfo: false,
      fix: true,
      backup: false,
      grub: true,
      initramfs: false,
      fstab: 'stabilize-all',
      vmwareTools: false,
      convert: true,
      compress: false,
      level: 6,
      validate: false,
      format: 'qcow2',
      report: true,
      reportPath: 'report.json',
    },
    'inspect guestInfo backup initramfs convert compress validate format',
  ],
  [
    'minimal',
    undefined,
    {
      inspect: false,
      fix: true,
      backup: false,
      grub: true,
      initramfs: false,
      fstab: 'stabilize-all',
      vmwareTools: false,
      convert: false,
      validate: false,
      format: 'raw',
      report: false,
    },
    'inspect fix backup grub initramfs fstab vmwareTools convert validate format report',
  ],
  [
    'fast',
    'minimal',
    {
      inspect: false,
      fix: true,
      backup: false,
      grub: false,
      initramfs: false,
      fstab: 'noop',
      vmwareTools: false,
      convert: true,
      compress: false,
      validate: false,
      format: 'qcow2',
      report: false,
    },
    'backup grub initramfs fstab convert compress format',
  ],
  [
    'windows',
    'production',
    {
      inspect: true,
      guestInfo: true,
      fix: true,
      backup: true,
      grub: false,
      initramfs: false,
      fstab: 'noop',
      vmwareTools: false,
      convert: true,
      compress: true,
      level: 6,
      validate: true,
      format: 'qcow2',
      report: true,
      reportPath: 'report.json',
    },
    'inspect guestInfo backup grub initramfs fstab convert compress level validate format',
  ],
  [
    'archive',
    'production',
    {
      inspect: true,
      guestInfo: true,
      fix: true,
      backup: true,
      grub: true,
      initramfs: true,
      fstab: 'stabilize-all',
      vmwareTools: false,
      convert: true,
      compress: true,
      level: 9,
      validate: true,
      format: 'qcow2',
      report: true,
      reportPath: 'report.json',
    },
    'convert compress level format',
  ],
  [
    'debug',
    'production',
    {
      inspect: true,
      guestInfo: true,
      fix: true,
      backup: true,
      grub: true,
      initramfs: true,
      fstab: 'stabilize-all',
      printFstab: true,
      vmwareTools: false,
      convert: true,
      compress: false,
      level: 6,
      validate: true,
      format: 'qcow2',
      report: true,
      reportPath: 'debug_report.json',
    },
    'inspect guestInfo backup grub initramfs printFstab convert compress validate reportPath',
  ],
]

const cells = (value: unknown) =>
  Object.fromEntries(
    Object.entries(keys)
      .map(([cell, key]) => [cell, valueAt(value, key.split('.'))] as const)
      .filter(([, found]) => found !== undefined),
  )

it('these are the built-in profiles, each with a word on what it is for', () => {
  expect(names.toSorted()).toEqual(table.map(([name]) => name).toSorted())
  for (const name of names) expect(readFileSync(`profiles/${name}.yaml`, 'utf8')).toMatch(/^# \S.*\.\n/)
})

it('an editor takes them, too', () => {
  const valid = new Ajv2020({ validateFormats: false }).compile(
    JSON.parse(readFileSync('schemas/profile.json', 'utf8')),
  )
  for (const name of names) {
    const file = `profiles/${name}.yaml`
    expect(valid(parseText(readFileSync(file), file)), JSON.stringify(valid.errors)).toBe(true)
  }
})

describe.each(table)('%s', (name, base, effective, own) => {
  const { extends: extended, ...content } = read(name).profile

  it('comes to what the table says, cell by cell', () => {
    const resolved = profiles.resolve(name, 'unknown', { file: 'web.yaml', path: ['profile'] })
    if ('code' in resolved) throw new Error(resolved.summary)
    expect(cells(resolved.merged)).toEqual(effective)
  })

  it('writes what it does not inherit, and nothing that is in no table', () => {
    expect(extended).toBe(base)
    expect(Object.keys(cells(content)).toSorted()).toEqual(own.split(' ').toSorted())
    const count = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce((sum: number, one) => sum + count(one), 0)
        : 1
    expect(count(content)).toBe(own.split(' ').length)
  })
})
