import { osFamily } from './os-family.ts'

/** From a version as far as it is known, `9` or `9.4`, to the id; undefined where libosinfo has none for so little. */
type Id = (version: string | undefined) => string | undefined

const whole =
  (prefix: string): Id =>
  (version) =>
    version && `${prefix}${version.split('.')[0]}`
const withMinor =
  (prefix: string, without: (major: string) => string | undefined): Id =>
  (version) =>
    version?.includes('.') ? `${prefix}${version}` : version && without(version)

const rhel = 'http://redhat.com/rhel/'
const suse = 'http://suse.com/'

/**
 * Systems by what VMware, their makers and people call them, in small letters; the ids are those of osinfo-db
 * (`osinfo-query os -f short-id,id`). The first that fits decides.
 */
const systems: readonly (readonly [name: RegExp, id: Id])[] = [
  [/^debian/, whole('http://debian.org/debian/')],
  [/^ubuntu/, withMinor('http://ubuntu.com/ubuntu/', () => undefined)],
  [/^(?:rhel|red ?hat)/, withMinor(rhel, (major) => `${rhel}${major}-unknown`)],
  [/^centos[ -]?stream/, whole('http://centos.org/centos-stream/')],
  [/^centos/, withMinor('http://centos.org/centos/', centos)],
  [/^rocky/, whole('http://rockylinux.org/rocky/')],
  [/^alma/, whole('http://almalinux.org/almalinux/')],
  [
    /^(?:oracle ?linux|ol(?=[ -]?\d))/,
    withMinor('http://oracle.com/ol/', (major) => `http://oracle.com/ol/${major}.0`),
  ],
  [/^(?:sles?|suse linux enterprise)/, (version) => version && sle(version)],
  [/^opensuse/, withMinor('http://opensuse.org/opensuse/', () => 'http://opensuse.org/opensuse/unknown')],
  [/^fedora/, whole('http://fedoraproject.org/fedora/')],
  [/^freebsd/, withMinor('http://freebsd.org/freebsd/', (major) => `http://freebsd.org/freebsd/${major}.0`)],
]

function centos(major: string): string {
  if (Number(major) >= 9) return `http://centos.org/centos-stream/${major}`
  return `http://centos.org/centos/${Number(major) === 8 ? '8' : `${major}.0`}`
}

function sle(version: string): string {
  const [major = ''] = version.split('.')
  const plain = version.replace(/\.0$/, '')
  return `${suse}${Number(major) >= 15 ? 'sle' : 'sles'}/${plain}`
}

// VMware names a Windows by the number of the one before it, and later ones as the next.
const windowsIds: readonly (readonly [name: RegExp, version: string])[] = [
  [/^windows2022srvnext/, '2k25'],
  [/^windows2019srvnext/, '2k22'],
  [/^windows2019srv/, '2k19'],
  [/^windows9server/, '2k16'],
  [/^windows8server/, '2k12'],
  [/^windows7server/, '2k8r2'],
  [/^winlonghorn/, '2k8'],
  [/^winnet/, '2k3'],
  [/^winxp/, 'xp'],
  [/^winvista/, 'vista'],
  [/^windows9_?(?:64)?guest/, '10'],
]

/**
 * The id of libosinfo for a system, in whatever words: `debian12_64Guest`, `Red Hat Enterprise Linux 9 (64-bit)`, `windows 2k19`.
 * Undefined for one that nobody knows, and for a Windows without its version.
 */
export function osinfoId(os: string): string | undefined {
  if (/^https?:\/\/[a-z0-9.-]+\/[\w.-]+\/[\w.-]+$/.test(os)) return os
  const name = os
    .toLowerCase()
    .trim()
    .replace(/^microsoft /, '')
  if (osFamily(os) === 'windows') {
    const version = windowsVersion(name)
    return version && `http://microsoft.com/win/${version}`
  }
  const version = /\d+(?:\.\d+)?/.exec(name.replace(/_?(?:32|64)?guest\b|\(?\b(?:32|64)[ -]?bit\)?/g, ''))?.[0]
  const found = systems.find(([pattern]) => pattern.test(name))?.[1](version)
  return found || (osFamily(os) === 'linux' ? 'http://libosinfo.org/linux/2022' : undefined)
}

function windowsVersion(name: string): string | undefined {
  const known = windowsIds.find(([pattern]) => pattern.test(name))
  if (known) return known[1]
  const server = /\b20?(?:k|(?=\d\d))(\d{1,2})\b(?: ?(r2))?/.exec(name) ?? /\b2k(\d{1,2})(r2)?\b/.exec(name)
  if (server) return `2k${Number(server[1])}${server[2] ?? ''}`
  return /(?<![\d.])(?:11|10|8\.1|8|7)(?![\d.])|\b(?:xp|vista)\b/.exec(name)?.[0]
}
