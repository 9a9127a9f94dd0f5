import { describe, expect, it } from 'vitest'
import { manifestSchema } from '../../../src/core/language/manifest.ts'
import { notApplied } from '../../../src/core/language/not-applied.ts'
import { readAs } from '../../../src/core/language/read-as.ts'
import { bytes } from '../layer-texts.ts'

const told = (text: string) => {
  const manifest = readAs(
    manifestSchema,
    bytes(`manifest_version: "1.0"\nsource: {provider: local}\n${text}`),
    'web.yaml',
  )
  return notApplied(manifest).map(({ path, what }) => `${path.join('.')}: ${what}`)
}

// What this version learns to do leaves this list and the table.
describe('asks for something that this version does not do', () => {
  it.each([['scaleway: {zone: fr-par-1}', 'scaleway: Scaleway target']])('%s', (text, expected) => {
    expect(told(text)).toEqual([expected])
  })
})

describe('asks for nothing', () => {
  it.each([
    '',
    'pipeline: {inspect: {enabled: false}, fix: {enabled: false, backup: true}, convert: {enabled: true}, validate: {enabled: true, boot_test: {enabled: false}}}',
    'libvirt_integration: {define_domain: true}',
    'configuration: {}\nhooks: {}\nscaleway: {}\nstorage_mapping: {}\n',
    'priority: 0\ndepends_on: [db01]\nwave: canary\nsuspend: {}\non_remove: destroy\ncutover: {source_action: rename, require_approval: true}\n',
    'options: {dry_run: true, verbose: 3, report: {path: a}}',
    'profile: production\nprofile_overrides: {pipeline: {fix: {enabled: true}}}\n',
  ])('%s', (text) => {
    expect(told(text)).toEqual([])
  })
})
