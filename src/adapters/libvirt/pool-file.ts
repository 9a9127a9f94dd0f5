import { readFileSync } from 'node:fs'
import { problem } from '../../core/problem.ts'
import { parseXml, textOf } from '../../core/xml.ts'
import { networkPoolOf } from './network-pool.ts'
import { type PoolOfKind, poolKind } from './pool-kind.ts'
import type { Pool } from './pools.ts'

/**
 * The pool that a file with libvirt's XML is going to make.
 * @throws ProblemError FILE_UNREADABLE, XML_INVALID, XML_HOSTILE, and TARGET_UNFIT where it is no pool of that name
 */
export function poolInFile(path: string, name: string): PoolOfKind & Pick<Pool, 'network'> {
  const xml = parseXml(textIn(path), path)
  const found = textOf(xml, 'name')?.trim() ?? ''
  if (xml.name !== 'pool' || found !== name) {
    const what = xml.name === 'pool' ? `the pool "${found}"` : `<${xml.name}>`
    throw problem('TARGET_UNFIT', `${path} describes ${what}, and not the pool ${name}`, {
      hint: 'libvirt_integration: {import_to_pool: …} has to name the pool that pool_xml describes',
    })
  }
  const type = xml.attributes.type ?? ''
  return { name, type, kind: poolKind(type), ...networkPoolOf(xml) }
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw problem('FILE_UNREADABLE', `the pool’s XML cannot be read: ${path}: ${code}`, {
      hint: 'libvirt_integration: {pool_xml: …} is relative to the file that says it',
    })
  }
}
