import { describe, expect, it } from 'vitest'
import { locate } from '../../src/core/language/place-issues.ts'
import { type Profile, profileSchema } from '../../src/core/language/profile.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import type { ProfileShelf } from '../../src/core/profile-chain.ts'
import { createProfiles } from '../../src/core/profiles.ts'
import { bytes, layer, yaml } from './layer-texts.ts'

const use = { file: 'manifests/web.yaml', path: ['profile'] }

/** Profiles by name, and how often each was asked for. */
function shelf(texts: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const profiles: ProfileShelf = {
    names: () => Object.keys(texts),
    find(name) {
      asked.push(name)
      const file = `profiles/${name}.yaml`
      const profile: Profile = readAs(profileSchema, bytes(texts[name] ?? ''), file)
      return { file, profile }
    },
  }
  return { profiles, asked }
}

function resolve(texts: Readonly<Record<string, string>>, name: string, os = 'unknown') {
  const resolved = createProfiles(shelf(texts).profiles).resolve(name, os, use)
  if ('code' in resolved) throw new Error(resolved.summary)
  return resolved
}

describe('extending', () => {
  const texts = {
    base: 'description: what all have\nvm: {cpu: 1, tpm: true}\npipeline: {convert: {enabled: true, compress: true}}\n',
    web: 'extends: base\nvm: {cpu: 2}\npipeline: {convert: {compress: null}}\n',
    big: 'extends: web\nvm: {cpu: 8, tpm: null}\n',
  }

  it('puts each profile over the one that it extends', () => {
    const { merged, layers } = resolve(texts, 'big')
    expect(merged).toEqual(yaml('{vm: {cpu: 8}, pipeline: {convert: {enabled: true}}}'))
    expect(layers.map(({ origin }) => `${origin.name} ${origin.file}`)).toEqual([
      'profile base profiles/base.yaml',
      'profile web profiles/web.yaml',
      'profile big profiles/big.yaml',
    ])
  })

  it('lies over the layers below', () => {
    const profiles = createProfiles(shelf(texts).profiles, [
      layer('{target: kvm1, vm: {cpu: 64, firmware: uefi}}', 'defaults'),
    ])
    const resolved = profiles.resolve('web', 'unknown', use)
    expect(resolved).toMatchObject({ merged: { target: 'kvm1', vm: { cpu: 2, tpm: true, firmware: 'uefi' } } })
    expect(profiles.none().merged).toEqual(yaml('{target: kvm1, vm: {cpu: 64, firmware: uefi}}'))
  })
})

describe('parts for some systems', () => {
  const texts = {
    base: `
pipeline: {fix: {enabled: true, update_grub: true}}
when:
  - {os: windows, pipeline: {fix: {update_grub: false}}}
  - {os: [debian, ubuntu], metadata: {family: debian}}
  - {os: debian12, metadata: {release: bookworm}}
  - {os: unknown, metadata: {look: here}}
`,
    strict: 'extends: base\npipeline: {fix: {update_grub: true}}\n',
  }

  it.each([
    ['windows2022srvNext_64Guest', '{pipeline: {fix: {enabled: true, update_grub: false}}}'],
    ['rhel 9', '{pipeline: {fix: {enabled: true, update_grub: true}}}'],
    ['ubuntu64Guest', '{pipeline: {fix: {enabled: true, update_grub: true}}, metadata: {family: debian}}'],
    [
      'debian12_64Guest',
      '{pipeline: {fix: {enabled: true, update_grub: true}}, metadata: {family: debian, release: bookworm}}',
    ],
    ['unknown', '{pipeline: {fix: {enabled: true, update_grub: true}}, metadata: {look: here}}'],
  ])('%s', (os, expected) => {
    expect(resolve(texts, 'base', os).merged).toEqual(yaml(expected))
  })

  it('are weaker than a profile that extends them', () => {
    expect(resolve(texts, 'strict', 'windows').merged).toEqual(
      yaml('{pipeline: {fix: {enabled: true, update_grub: true}}}'),
    )
  })

  it('are layers of their own, so that each value has its line', () => {
    const { layers } = resolve(texts, 'base', 'windows')
    const place = layers.map(({ origin }) => locate(bytes(texts.base), origin.file, [...origin.path, 'pipeline']))
    expect(place.map(({ line, column }) => `${line}:${column}`)).toEqual(['2:1', '4:19'])
  })
})

describe('what is wrong with profiles', () => {
  const issueOf = (texts: Readonly<Record<string, string>>, name: string) => {
    const found = createProfiles(shelf(texts).profiles).resolve(name, 'unknown', use)
    if (!('code' in found)) throw new Error('it was resolved')
    return `${found.file} ${found.path.join('.')} ${found.code} ${found.summary} -> ${found.hint}`
  }

  it.each([
    [
      'itself',
      { a: 'extends: a\n' },
      'a',
      'profiles/a.yaml extends PROFILE_CYCLE the profile "a" extends itself: a -> a -> remove one of these extends',
    ],
    [
      'a circle of two',
      { a: 'extends: b\n', b: 'extends: a\n' },
      'a',
      'profiles/b.yaml extends PROFILE_CYCLE the profile "a" extends itself: a -> b -> a -> remove one of these extends',
    ],
    [
      'a circle further on',
      { a: 'extends: b\n', b: 'extends: c\n', c: 'extends: b\n' },
      'a',
      'profiles/c.yaml extends PROFILE_CYCLE the profile "b" extends itself: b -> c -> b -> remove one of these extends',
    ],
    [
      'a misspelt name',
      { production: '{}\n' },
      'prodution',
      'manifests/web.yaml profile PROFILE_UNKNOWN there is no profile "prodution" -> did you mean "production"?',
    ],
    [
      'a name that is like none',
      { fast: '{}\n', archive: '{}\n' },
      'x',
      'manifests/web.yaml profile PROFILE_UNKNOWN there is no profile "x" -> there are: archive, fast',
    ],
    [
      'an unknown one that another extends',
      { a: 'extends: base\n' },
      'a',
      'profiles/a.yaml extends PROFILE_UNKNOWN there is no profile "base" -> there are: a',
    ],
    [
      'a name that leads out',
      { a: '{}\n' },
      '../../etc/passwd',
      'manifests/web.yaml profile PROFILE_UNKNOWN there is no profile "../../etc/passwd" -> there are: a',
    ],
    [
      'a name of every object',
      { a: '{}\n' },
      'constructor',
      'manifests/web.yaml profile PROFILE_UNKNOWN there is no profile "constructor" -> there are: a',
    ],
  ])('%s', (_name, texts, name, expected) => {
    expect(issueOf(texts as Readonly<Record<string, string>>, name)).toBe(expected)
  })

  it('asks for no file but those that there are', () => {
    const { profiles, asked } = shelf({ a: 'extends: gone\n' })
    createProfiles(profiles).resolve('a', 'unknown', use)
    createProfiles(profiles).resolve('../b', 'unknown', use)
    expect(asked).toEqual(['a'])
  })
})

describe('resolving once', () => {
  it('ten thousand machines on a profile share one result', () => {
    const { profiles, asked } = shelf({ base: 'vm: {cpu: 1}\n', web: 'extends: base\n' })
    const resolver = createProfiles(profiles)
    const first = resolver.resolve('web', 'debian', use)
    for (let index = 0; index < 10_000; index++) expect(resolver.resolve('web', `system ${index}`, use)).toBe(first)
    expect(asked).toEqual(['web', 'base'])
  })

  it('each system has a result of its own where the profile asks for it', () => {
    const { profiles, asked } = shelf({ web: 'when: [{os: windows, vm: {tpm: true}}]\n' })
    const resolver = createProfiles(profiles)
    const [linux, windows, again] = ['debian', 'windows', 'debian'].map((os) => resolver.resolve('web', os, use))
    expect(linux).toMatchObject({ merged: {}, asksOs: true })
    expect(windows).toMatchObject({ merged: { vm: { tpm: true } } })
    expect(again).toBe(linux)
    expect(asked).toEqual(['web'])
  })
})
