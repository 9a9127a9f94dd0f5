import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { makeOva, temporaryFolder } from '../support/machines.ts'

test('the packed tarball installs elsewhere and runs, schemas and migrations included', () => {
  const folder = temporaryFolder()
  const npm = (...args: string[]) =>
    execFileSync('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: folder,
      encoding: 'utf8',
    })
  const [packed] = JSON.parse(npm('pack', resolve('.'), '--json', '--ignore-scripts')) as { filename: string }[]
  npm('install', '--prefix', folder, '--global', '--ignore-scripts', join(folder, packed?.filename ?? ''))
  // The system's Node may be too old for h2k: the one that runs this test comes first.
  const PATH = `${join(process.execPath, '..')}:${process.env.PATH}`
  const h2k = (...args: string[]) =>
    execFileSync(join(folder, 'bin/h2k'), args, { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH } })

  expect(h2k('--version')).toMatch(/^h2k \d+\.\d+\.\d+ /)
  h2k('init', 'w')
  const { path } = makeOva(folder, 'web01', [{ mib: 8 }])
  h2k('-C', 'w', 'import', path)
  expect(h2k('-C', 'w', 'apply', '--auto-approve')).toContain('Apply: 1 done')
  expect(h2k('schema', 'manifest')).toContain('manifest_version')
}, 900_000)
