import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig, loadWorkspace } from '../../src/app/load-workspace.ts'
import { publishInput } from '../../src/app/publish-input.ts'
import { pathsOf } from '../../src/app/subjects.ts'
import { importDomain } from '../../src/cli/import-domain.ts'
import { openWorkspace } from '../../src/cli/wiring.ts'
import type { Imported } from '../../src/cli/written-manifest.ts'
import { parseDomain } from '../../src/core/domain/parse-domain.ts'
import { type Domain, domainXml } from '../../src/core/domain-xml.ts'
import type { Problem } from '../../src/core/problem.ts'
import { problemsOf } from '../../src/core/problem.ts'
import { resolveOffline } from '../../src/core/resolve-offline.ts'
import { decodeXml } from '../../src/core/xml-guard.ts'
import { meant, writtenAs } from '../core/domain/written-as.ts'
import { libvirtSamples, withoutDisks } from '../support/libvirt-samples.ts'

// Every reason there may be, in the words by which it is known. One that is not here fails the test.
const reasons = {
  'another processor': /^the domain is for \S+: this version makes x86_64 machines only$/,
  'a container': /^the domain is a container, not a whole machine$/,
  encrypted: /^disk \S+: libvirt encrypts it, and h2k has no key$/,
  'over the network': /^disk \S+: it is read over the network \(\w+\), which this version cannot$/,
  'no image': /^disk \S+: its type \S+ is no image$/,
  'a slice': /^disk \S+: it is a slice of what it names$/,
  'upon another image': /^disk \S+: it lies upon \S+$/,
  'another format': /^disk \S+: h2k does not read the format \w+$/,
  'no path': /^disk \S+: .+ is no path on a host$/,
  'no name': /^a disk has no name$/,
  'no memory': /^\S+: (?:the domain has no <memory>|its <memory> is no amount of memory)$/,
} as const

const { version, samples } = libvirtSamples()
const folder = mkdtempSync(join(tmpdir(), 'h2k-samples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'h2k.yaml'),
  'h2k_version: 1\nname: samples\nconnections: {kvm1: {type: libvirt}}\ndefaults: {target: kvm1}\n',
)

const machineOf = (sample: string) => sample.replaceAll('/', ' ')
const imported = new Map<string, { readonly xml: string; readonly found: Imported }>()
const refused = new Map<string, readonly Problem[]>()
for (const { name, bytes } of samples) {
  try {
    const xml = decodeXml(bytes, name)
    const flags = { ...withoutDisks(xml), folder, name: machineOf(name), force: false }
    imported.set(name, { xml, found: await importDomain(xml, name, flags, new AbortController().signal) })
  } catch (error) {
    // What is thrown otherwise is a bug, and fails the test.
    refused.set(name, problemsOf(error) ?? [{ severity: 'error', code: 'BUG', summary: String(error) }])
  }
}

const reasonOf = (summary: string) =>
  Object.entries(reasons).find(([, words]) => words.test(summary))?.[0] ?? `unknown: ${summary}`

test('each is imported, or refused with a reason, its line and what to do', () => {
  const counts = new Map<string, number>()
  for (const [name, problems] of refused) {
    for (const { code, hint, at, summary } of problems) {
      expect({ name, code, summary, at }).toMatchObject({
        code: expect.stringMatching(/^DOMAIN_(?:UNSUPPORTED|INVALID)$/),
        at: { file: name, line: expect.any(Number) },
      })
      if (code === 'DOMAIN_UNSUPPORTED') expect(hint, summary).toBeTypeOf('string')
    }
    for (const reason of new Set(problems.map(({ summary }) => reasonOf(summary)))) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
  }
  const table = { imported: imported.size, ...Object.fromEntries([...counts].toSorted()) }
  expect(Object.keys(table).filter((reason) => reason.startsWith('unknown'))).toEqual([])
  if (!version.startsWith('9.0.0-')) return
  expect(table).toEqual({
    imported: 1335,
    'another processor': 340,
    'over the network': 39,
    encrypted: 20,
    'upon another image': 14,
    'a container': 5,
    'another format': 5,
    'no image': 5,
    'no memory': 3,
    'a slice': 2,
    'no path': 2,
    'no name': 1,
  })
})

test('what is imported is a machine, whose domain is that machine again, and what its source was', async () => {
  const { files, cache, version: ofH2k } = openWorkspace(folder)
  const config = loadConfig(files)
  const { machines, problems } = await loadWorkspace(config, files, cache, ofH2k)
  expect(problems).toEqual([])
  expect(machines).toHaveLength(imported.size)
  const written: string[] = []
  mkdirSync(join(folder, 'domains'))
  for (const [name, { xml, found }] of imported) {
    const desired = machines.find((machine) => machine.name === machineOf(name))
    expect(desired, name).toBeDefined()
    if (!desired) continue
    const resolved = resolveOffline(desired, config, pathsOf(desired, files))
    if (!('machine' in resolved)) {
      expect({ name, issues: resolved.issues }).toMatchObject({
        issues: [{ hint: expect.stringContaining('under disks') }],
      })
      expect(found.warnings.join()).toContain('the machine has no disk')
      continue
    }
    const input = publishInput(resolved.machine, config.name)
    if (input.kind !== 'libvirt') throw new Error(`${name} has another target`)
    const domain: Domain = { ...input, type: 'kvm', domainName: input.libvirt.domain }
    const text = domainXml(domain)
    expect(writtenAs(parseDomain(text, name)), name).toEqual(meant(domain))
    sameMachine(parseDomain(xml, name), parseDomain(text, name), found)
    const file = join(folder, 'domains', `${written.length}.xml`)
    writeFileSync(file, text)
    written.push(file)
  }
  expect(written.length).toBeGreaterThan(400)
  const schema = '/usr/share/libvirt/schemas/domain.rng'
  const { stderr, status } = spawnSync('xmllint', ['--noout', '--relaxng', schema, ...written], { encoding: 'utf8' })
  expect(stderr.split('\n').filter((line) => line !== '' && !line.endsWith(' validates'))).toEqual([])
  expect(status).toBe(0)
})

type Described = ReturnType<typeof parseDomain>

/** What differs is told. */
function sameMachine(source: Described, target: Described, { notes, warnings }: Imported): void {
  const told = [...notes, ...warnings].join('\n')
  const unlessTold = (words: string, from: unknown, to: unknown) => {
    if (!told.includes(words)) expect({ [words]: to }).toEqual({ [words]: from })
  }
  unlessTold('vm.cpu:', source.maximumCpus, target.cpus)
  unlessTold('vm.mem_gb', source.memoryBytes, target.memoryBytes)
  unlessTold('vm.cpu_mode', source.cpuMode ?? 'host-passthrough', target.cpuMode)
  unlessTold('its clock', source.clockOffset ?? 'utc', target.clockOffset)
  unlessTold('vm.watchdog', source.watchdog?.action, target.watchdog?.action)
  unlessTold('vm.tpm', source.tpm?.backend, target.tpm?.backend)
  expect(target.firmware.kind).toBe(source.firmware.kind)
  expect(target.interfaces).toHaveLength(source.interfaces.length)
  for (const [index, { mac, model, vlans }] of source.interfaces.entries()) {
    const there = target.interfaces[index]
    if (mac !== undefined) unlessTold(`nic${index}: its address`, mac, there?.mac)
    unlessTold(`nic${index}: the model`, model?.replace(/^virtio-.*/, 'virtio') ?? there?.model, there?.model)
    if (!told.includes(`nic${index}: a trunk`)) unlessTold(`nic${index}: the tag`, vlans, there?.vlans)
  }
  const drives = source.disks.filter(({ device }) => device === 'disk' || device === 'lun')
  expect(target.disks).toHaveLength(drives.length)
  for (const [index, drive] of drives.entries()) {
    const { bus, cache, serial } = target.disks[index] ?? {}
    expect([drive.target, `disk${index}`]).toContain(serial)
    unlessTold(`disk ${drive.target}: its bus`, drive.bus, bus)
    expect(cache).toBe(drive.cache === 'default' ? undefined : drive.cache)
  }
}

test('none is imported that was cut off, or names a document type', async () => {
  const outcomes = new Map<string, number>()
  for (const { name, bytes } of samples) {
    const half = bytes.subarray(0, Math.floor(bytes.length / 2))
    const typed = Buffer.concat([Buffer.from('<!DOCTYPE domain SYSTEM "file:///etc/passwd">\n'), bytes])
    for (const hostile of [half, typed]) {
      const codes = await importDomain(
        decodeXml(hostile, name),
        name,
        { folder, out: '-', force: false },
        new AbortController().signal,
      ).then(
        () => ['imported'],
        (error: unknown) => problemsOf(error)?.map(({ code }) => code) ?? [String(error)],
      )
      for (const code of codes) outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
    }
  }
  expect(Object.fromEntries(outcomes)).toEqual({ XML_INVALID: samples.length, XML_HOSTILE: samples.length })
})
