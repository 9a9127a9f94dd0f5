import { osFamily } from '../os-family.ts'
import type { DescribedDomain } from './described-domain.ts'

export interface ImportedSystem {
  readonly os_hint?: string
  readonly os_version?: string
}

/** The guest's system by libosinfo's id, `http://redhat.com/rhel/10.0`; without one Windows is told by what only it makes use of. */
export function importedSystem(
  { osinfo, hyperv, clockOffset }: Pick<DescribedDomain, 'osinfo' | 'hyperv' | 'clockOffset'>,
  warnings: string[],
): ImportedSystem {
  const [, vendor = '', name = '', version] =
    /^https?:\/\/([^/]+)\/([^/]+)(?:\/([^/]+))?\/?$/.exec(osinfo?.trim() ?? '') ?? []
  if (name !== '' && name !== 'unknown') {
    const words = vendor === 'microsoft.com' && name === 'win' ? 'windows' : name
    // `ol` alone means nothing to anybody; `ol9.3` does.
    const known = version === undefined || osFamily(words) !== 'unknown' || osFamily(words + version) === 'unknown'
    return { os_hint: known ? words : `${words}${version}`, ...(version === undefined ? {} : { os_version: version }) }
  }
  if (!hyperv && clockOffset !== 'localtime') return {}
  const why = hyperv ? 'hyperv features' : 'a clock in local time'
  warnings.push(`vm.os_hint: windows is a guess, because the domain has ${why}`)
  return { os_hint: 'windows' }
}
