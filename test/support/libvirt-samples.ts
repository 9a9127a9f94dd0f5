import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DomainFlags } from '../../src/cli/import-domain.ts'
import { parseDomain } from '../../src/core/domain/parse-domain.ts'
import { problemsOf } from '../../src/core/problem.ts'

/** A domain of those that libvirt tests itself with. */
export interface Sample {
  /** Its folder and file, such as `qemuxml2argvdata/disk-cdrom`. */
  readonly name: string
  readonly bytes: Buffer
}

/** libvirt's own samples, fetched once, and the version that they are of. */
export function libvirtSamples(): { readonly version: string; readonly samples: readonly Sample[] } {
  const folder = execFileSync(resolve('scripts/libvirt-samples.sh'), { encoding: 'utf8' }).trim()
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.xml'))
  return {
    version: readFileSync(join(folder, 'version'), 'utf8').trim(),
    samples: files.toSorted().map((file) => {
      return { name: file.slice(0, -'.xml'.length), bytes: readFileSync(join(folder, file)) }
    }),
  }
}

/** What somebody says who has none of the disks here: how large each is, and where the pools are. */
export function withoutDisks(xml: string): Pick<DomainFlags, 'disk-size' | 'pool-path'> {
  try {
    const { disks } = parseDomain(xml, 'sample')
    const fixed = disks.filter(({ device, target }) => (device === 'disk' || device === 'lun') && target !== '')
    const pools = disks.flatMap(({ source }) => (source.kind === 'volume' ? [source.pool] : []))
    return {
      'disk-size': fixed.map(({ target }) => `${target}=1GiB`),
      'pool-path': pools.map((pool) => `${pool}=/pools/${pool}`),
    }
  } catch (error) {
    if (problemsOf(error)) return {}
    throw error
  }
}
