import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { parseDigests } from '../../../src/adapters/ovf/manifest-digests.ts'
import { verifyOva } from '../../../src/adapters/ovf/ova.ts'
import { parseOvf } from '../../../src/adapters/ovf/parse-ovf.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { decodeXml } from '../../../src/core/xml-guard.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { virtualBoxOvf, vmwareOvf } from './descriptors.ts'
import { digestLine, end, entry, temporaryFolder } from './tars.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true }))
const signal = new AbortController().signal

/** Whatever it is given, `act` ends well or in problems. */
async function endsCleanly(act: () => unknown): Promise<void> {
  try {
    await act()
  } catch (thrown) {
    if (problemsOf(thrown) === undefined) throw thrown
  }
}

interface Change {
  readonly at: number
  readonly remove: number
  readonly insert: Buffer
}

const pieces = [
  '<',
  '>',
  '&',
  '"',
  '<!--',
  ']]>',
  '<Item>',
  '</Item>',
  '../',
  'ovf:/disk/',
  '-1',
  '1e999',
  '__proto__',
  '\0',
  '\ufeff',
  '$',
  '{x}',
  '%2e',
]
const changes = (bytes: number, insert: fc.Arbitrary<Buffer>) =>
  fc.array(fc.record({ at: fc.nat(bytes), remove: fc.nat(40), insert }), { minLength: 1, maxLength: 6 })

const changed = (bytes: Buffer, list: readonly Change[]) =>
  list.reduce(
    (all, { at, remove, insert }) => Buffer.concat([all.subarray(0, at), insert, all.subarray(at + remove)]),
    bytes,
  )

const textPiece = fc
  .oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8, unit: 'binary' }))
  .map((text) => Buffer.from(text))
const bytePiece = fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes))

it('reads or refuses any descriptor', async () => {
  for (const ovf of [vmwareOvf(), virtualBoxOvf].map((text) => Buffer.from(text))) {
    await fc.assert(
      fc.asyncProperty(changes(ovf.length, textPiece), (list) =>
        endsCleanly(() => parseOvf(decodeXml(changed(ovf, list), 'a.ovf'), 'a.ovf')),
      ),
      { numRuns: fuzzRuns(600) },
    )
  }
})

it('gives disks names and sizes that are safe, whatever it reads', async () => {
  const ovf = vmwareOvf()
  const values = fc.record({
    id: fc.string({ unit: 'binary', minLength: 1 }),
    href: fc.string({ unit: 'grapheme' }),
    capacity: fc.bigInt({ min: 0n }),
  })
  const escaped = (text: string) => text.replace(/[&<"]/g, (character) => `&#${character.charCodeAt(0)};`)
  await fc.assert(
    fc.asyncProperty(values, ({ id, href, capacity }) =>
      endsCleanly(() => {
        const text = ovf
          .replaceAll('vmdisk1', () => escaped(id))
          .replace('web01-disk1.vmdk', () => escaped(href))
          .replace('capacity="16"', `capacity="${capacity}"`)
        for (const disk of parseOvf(text, 'a.ovf').disks) {
          expect(disk.id).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9_-]*$/)
          expect(disk.file).not.toMatch(/^\/|\.\.\/|^[a-z]+:/)
          expect(Number.isSafeInteger(disk.virtualBytes) && disk.virtualBytes > 0).toBe(true)
        }
      }),
    ),
    { numRuns: fuzzRuns(600) },
  )
})

it('reads or refuses any archive, and finds no stretch outside it', async () => {
  const ovf = vmwareOvf()
  const mf = digestLine('web01.ovf', ovf) + digestLine('web01-disk1.vmdk', 'disk')
  const whole = Buffer.concat([
    entry('PaxHeaders/x', '17 path=web01.ovf\n', 'x'),
    entry('web01.ovf', ovf),
    entry('web01.mf', mf),
    entry('././@LongLink', 'web01-disk1.vmdk\0', 'L'),
    entry('x', 'disk'),
    end,
  ])
  const path = join(folder, 'fuzz.ova')
  // Headers and the manifest are where an archive is read; elsewhere a change is only another byte.
  const inHeaders = fc.record({ at: fc.nat(whole.length), remove: fc.constantFrom(0, 1, 12, 512), insert: bytePiece })
  const list = fc.array(inHeaders, { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(list, fc.nat(whole.length), fc.boolean(), (some, length, cut) =>
      endsCleanly(async () => {
        const bytes = changed(whole, some)
        writeFileSync(path, cut ? bytes.subarray(0, length) : bytes)
        const { entries } = await verifyOva(path, signal, () => undefined)
        for (const { stretch } of entries) {
          expect((stretch?.offsetBytes ?? 0) + (stretch?.lengthBytes ?? 0)).toBeLessThanOrEqual(bytes.length)
        }
      }),
    ),
    { numRuns: fuzzRuns(500) },
  )
})

it('reads or refuses any manifest', async () => {
  const mf = Buffer.from(digestLine('a', 'a') + digestLine('b', 'b', 'sha1'))
  await fc.assert(
    fc.asyncProperty(changes(mf.length, textPiece), (list) =>
      endsCleanly(() => parseDigests(changed(mf, list).toString(), 'a.mf')),
    ),
  )
})
