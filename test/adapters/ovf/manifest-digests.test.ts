import { expect, it } from 'vitest'
import { parseDigests } from '../../../src/adapters/ovf/manifest-digests.ts'
import { problemFrom } from './problems.ts'

const sha1 = 'a'.repeat(40)
const sha256 = 'b'.repeat(64)

it.each([
  ['ovftool', `SHA256(web01.ovf)= ${sha256}`, 'web01.ovf', 'sha256'],
  ['older ovftool', `SHA1(web01.ovf)= ${sha1}`, 'web01.ovf', 'sha1'],
  ['OpenSSL 3', `SHA2-256(web01.ovf)= ${sha256}`, 'web01.ovf', 'sha256'],
  ['capitals and small letters', `sha256(web01.ovf)= ${sha256.toUpperCase()}`, 'web01.ovf', 'sha256'],
  ['sha256sum --tag', `SHA256 (web01.ovf) = ${sha256}`, 'web01.ovf', 'sha256'],
  ['sha1sum', `${sha1}  web01.ovf`, 'web01.ovf', 'sha1'],
  ['a name with parentheses', `SHA512(web (1).ovf)= ${'c'.repeat(128)}`, 'web (1).ovf', 'sha512'],
])('reads a line of %s', (_what, line, name, algorithm) => {
  expect(parseDigests(`${line}\n`, 'a.mf')).toMatchObject([{ name, algorithm, line: 1 }])
})

it('counts lines, whatever they end in, and keeps every digest of a name', () => {
  const digests = parseDigests(
    `\ufeffSHA1(a)= ${sha1}\r\n\r\nSHA256(a)= ${sha256}\r\n__proto__\r\n`.replace('__proto__', ''),
    'a.mf',
  )
  expect(digests.map(({ algorithm, line }) => `${algorithm} ${line}`)).toEqual(['sha1 1', 'sha256 3'])
})

it.each([
  ['a digest of another length', `SHA256(a)= ${sha1}`, 'ARCHIVE_CORRUPT'],
  ['an algorithm that proves nothing', `MD5(a)= ${'d'.repeat(32)}`, 'ARCHIVE_CORRUPT'],
  ['something else', 'hello', 'ARCHIVE_CORRUPT'],
  ['two digests of one file', `SHA1(a)= ${sha1}\nSHA1(a)= ${'e'.repeat(40)}`, 'ARCHIVE_CORRUPT'],
  ['a name that leads out', `SHA1(../a)= ${sha1}`, 'ARCHIVE_HOSTILE'],
  ['an absolute name', `SHA1(/etc/shadow)= ${sha1}`, 'ARCHIVE_HOSTILE'],
])('refuses %s', async (_what, text, code) => {
  const { at, ...problem } = await problemFrom(() => parseDigests(text, 'a.mf'))
  expect(problem.code).toBe(code)
  expect(at).toMatchObject({ file: 'a.mf', line: text.split('\n').length })
})
