export type OsFamily = 'windows' | 'linux' | 'other' | 'unknown'

/**
 * How names of systems begin: VMware's guest ids (the enumeration VirtualMachineGuestOsIdentifier of the vSphere API 8),
 * VMware's full names, libosinfo's short ids, and what people write. Lower case, letters and digits only. The longest
 * that fits decides, so `otherlinux` goes before `other`.
 */
const beginnings: Readonly<Record<Exclude<OsFamily, 'unknown'>, string>> = {
  windows: `windows microsoftwindows microsoftsmallbusiness win1 win2 win3 win7 win8 win9 winlonghorn
    winme winnet winnt winvista winxp`,
  linux: `linux genericlinux otherlinux other24xlinux other26xlinux other3xlinux other4xlinux other5xlinux other6xlinux
    other7xlinux alma alpine altlinux amazonlinux amzn archlinux asianux centos clearlinux coreos crxpod crxsys debian
    deepin elementary endeavouros fedora flatcar fusionos gentoo gnulinux kali kylin linuxmint mageia mandrake mandriva
    manjaro miraclelinux nixos nld9 novelllinux novellopenenterprise oes ol5 ol6 ol7 ol8 ol9 ol10 openeuler opensuse
    oraclelinux pardus photon popos prolinux raspbian redhat rhel rhl rocky scientificlinux scientific silverblue
    sjds slackware sle sunjavadesktop suse turbolinux ubuntu uos vmwarephoton vmwarecrx void`,
  other: `other appledarwin applemacos applemacosx applexos macos macosx darwin freebsd openbsd netbsd dragonflybsd
    oraclesolaris opensolaris solaris sunsolaris sunos openindiana illumos smartos omnios haiku beos minix reactos plan9
    dos msdos freedos microsoftmsdos os2 ibmos2 ecomstation serenitysystems netware novellnetware openserver scoopenserver
    scounixware unixware vmkernel vmwareesx esxi androidx86 hpux aix`,
}

const families: ReadonlyMap<string, OsFamily> = new Map(
  (['windows', 'linux', 'other'] as const).flatMap((family) =>
    beginnings[family].split(/\s+/).map((beginning) => [beginning, family] as const),
  ),
)
const longest = Math.max(...[...families.keys()].map(({ length }) => length))

/**
 * Whose kind a system is: of a VMware guest id, its full name, an id of libosinfo or a word such as `debian`; `unknown`
 * for what nobody knows.
 */
export function osFamily(hint: string): OsFamily {
  const name = plain(hint)
  for (let length = Math.min(longest, name.length); length > 0; length--) {
    const family = families.get(name.slice(0, length))
    if (family) return family
  }
  return 'unknown'
}

// `http://debian.org/debian/12` names the system after the host.
function plain(hint: string): string {
  return hint
    .toLowerCase()
    .replace(/^https?:\/\/[^/]*\//, '')
    .replace(/[^a-z0-9]/g, '')
}

/**
 * Whether `wanted` means the system: a family (`windows`, `linux`, `other`, `unknown`), or how its name or VMware guest
 * id begins. That ends where a word or number does: `rhel8` fits `rhel8_64Guest` and not `rhel80`, `debian`
 * fits `debian 12`.
 */
export function matchesOs(wanted: string, hint: string): boolean {
  const want = wanted.toLowerCase()
  if (isFamily(want)) return osFamily(hint) === want
  if (want === '' || !hint.toLowerCase().startsWith(want)) return false
  const [last = '', next = ''] = [want.at(-1), hint.at(want.length)]
  return !(/[a-z]/i.test(last) && /[a-z]/.test(next)) && !(/\d/.test(last) && /\d/.test(next))
}

function isFamily(word: string): word is OsFamily {
  return ['windows', 'linux', 'other', 'unknown'].includes(word)
}
