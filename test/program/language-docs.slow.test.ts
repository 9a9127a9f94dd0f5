import { chmodSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeOva, makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

interface Named {
  readonly source?: { readonly provider: string; readonly path?: string }
  readonly disks?: readonly { readonly local_path: string; readonly source_format: string; readonly bytes: number }[]
}

const pages = globSync('docs/language/*.md')

/** The files of a page's example: blocks that begin with "```LANGUAGE FILE". */
function blocksOf(page: string): Readonly<Record<string, string>> {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)
  return Object.fromEntries([...blocks].map(([, file = '', content = '']) => [file, content]))
}

/** Makes the images that a manifest names. */
function makeSource(folder: string, file: string, content: string, index: number): void {
  const { source, disks = [] } = parse(content) as Named
  const at = (path: string) => join(folder, dirname(file), path)
  if (source?.path !== undefined && !existsSync(at(source.path))) {
    mkdirSync(dirname(at(source.path)), { recursive: true })
    makeOva(
      dirname(at(source.path)),
      basename(source.path, '.ova'),
      [{ mib: 4 }],
      'bios',
      `00:50:56:aa:00:${10 + index}`,
    )
  }
  if (source?.path !== undefined) return
  for (const { local_path: path, source_format: format, bytes } of disks) {
    mkdirSync(dirname(at(path)), { recursive: true })
    qemuImg('create', '-q', '-f', format, at(path), String(bytes))
  }
}

test.each(pages)('the example of %s validates and plans', async (page) => {
  const blocks = blocksOf(page)
  expect(Object.keys(blocks), 'a page needs an example').not.toEqual([])
  const folder = makeWorkspace(blocks)
  for (const [index, [file, content]] of Object.entries(blocks).entries()) {
    if (file.startsWith('manifests/')) makeSource(folder, file, content, index)
    if (file.endsWith('.sh')) chmodSync(join(folder, file), 0o755)
  }
  for (const command of ['validate', 'plan']) {
    const { exitCode, stdout, stderr } = await h2k(folder, [command])
    expect(exitCode, `${command}: ${stdout}${stderr}`).toBe(0)
  }
})
