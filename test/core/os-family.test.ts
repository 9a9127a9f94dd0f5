import { describe, expect, it } from 'vitest'
import { matchesOs, osFamily } from '../../src/core/os-family.ts'

describe('the family of a system', () => {
  it.each([
    [
      'windows',
      'win31Guest win95Guest win98Guest winMeGuest winNTGuest win2000ProGuest win2000ServGuest win2000AdvServGuest winXPHomeGuest winXPProGuest winXPPro64Guest winNetWebGuest winNetStandardGuest winNetEnterprise64Guest winNetBusinessGuest winVistaGuest winVista64Guest winLonghornGuest winLonghorn64Guest windows7Guest windows7_64Guest windows7Server64Guest windows8Guest windows8_64Guest windows8Server64Guest windows9Guest windows9_64Guest windows9Server64Guest windows11_64Guest windows12_64Guest windowsHyperVGuest windows2019srv_64Guest windows2019srvNext_64Guest windows2022srvNext_64Guest',
    ],
    [
      'linux',
      'rhel2Guest rhel7_64Guest rhel8_64Guest rhel9_64Guest centosGuest centos64Guest centos7_64Guest centos8_64Guest debian4Guest debian10_64Guest debian11_64Guest debian12_64Guest ubuntuGuest ubuntu64Guest slesGuest sles12_64Guest sles15_64Guest sles16_64Guest suseGuest suse64Guest opensuseGuest opensuse64Guest oracleLinuxGuest oracleLinux64Guest oracleLinux8_64Guest rockylinux_64Guest almalinux_64Guest amazonlinux2_64Guest amazonlinux3_64Guest fedoraGuest fedora64Guest asianux3Guest asianux8_64Guest mandrakeGuest mandriva64Guest turboLinux64Guest redhatGuest nld9Guest oesGuest sjdsGuest coreos64Guest flatcarGuest vmwarePhoton64Guest crxPod1Guest crxSys1Guest genericLinuxGuest fusionos_64Guest prolinux_64Guest kylinlinux_64Guest miraclelinux_64Guest pardus_64Guest otherLinuxGuest otherLinux64Guest other24xLinuxGuest other26xLinux64Guest other3xLinuxGuest other4xLinux64Guest other5xLinux64Guest other6xLinux64Guest',
    ],
    [
      'other',
      'darwinGuest darwin64Guest darwin10Guest darwin23_64Guest freebsdGuest freebsd14_64Guest solaris10_64Guest solaris11_64Guest os2Guest dosGuest netware6Guest openServer5Guest unixWare7Guest eComStationGuest vmkernelGuest vmkernel7Guest otherGuest otherGuest64',
    ],
  ])('%s: the guest ids of VMware', (family, ids) => {
    expect(ids.split(' ').filter((id) => osFamily(id) !== family)).toEqual([])
  })

  it.each([
    [
      'windows',
      [
        'windows',
        'Windows Server 2022',
        'Microsoft Windows Server 2019 (64-bit)',
        'win10',
        'win11',
        'win2k19',
        'win8.1',
        'http://microsoft.com/win/2k22',
      ],
    ],
    [
      'linux',
      [
        'linux',
        'debian',
        'Debian GNU/Linux 12 (64-bit)',
        'ubuntu 22.04',
        'rhel 9',
        'Red Hat Enterprise Linux 9 (64-bit)',
        'SUSE Linux Enterprise 15',
        'Oracle Linux 8 (64-bit)',
        'ol8.5',
        'rocky 9',
        'almalinux',
        'Amazon Linux 2 (64-bit)',
        'VMware Photon OS (64-bit)',
        'Other 3.x Linux (64-bit)',
        'alpine',
        'http://debian.org/debian/12',
        'http://redhat.com/rhel/9.2',
      ],
    ],
    [
      'other',
      [
        'other',
        'Apple macOS 12 (64-bit)',
        'Apple Mac OS X 10.7',
        'FreeBSD 13 (64-bit)',
        'Oracle Solaris 11 (64-bit)',
        'MS-DOS',
        'IBM OS/2',
        'Novell NetWare 6.x',
        'VMware ESXi 7.0',
        'http://freebsd.org/freebsd/13.0',
      ],
    ],
    ['unknown', ['', 'unknown', 'wind river', 'twins', 'mywindows', 'xubuntu', '…', '__proto__', 'constructor']],
  ] as const)('%s: what people and other tools write', (family, hints) => {
    expect(hints.filter((hint) => osFamily(hint) !== family)).toEqual([])
  })

  it('of a text without end within a moment', () => {
    expect(osFamily('x'.repeat(1_000_000))).toBe('unknown')
  })
})

describe('what a profile means by a system', () => {
  it.each([
    ['windows', 'windows2019srv_64Guest', true],
    ['windows', 'darwin23_64Guest', false],
    ['Linux', 'debian12_64Guest', true],
    ['linux', 'otherLinux64Guest', true],
    ['other', 'otherLinux64Guest', false],
    ['other', 'freebsd14_64Guest', true],
    ['unknown', 'unknown', true],
    ['unknown', 'debian', false],
    ['debian', 'debian', true],
    ['debian', 'Debian 12', true],
    ['debian', 'debian12_64Guest', true],
    ['debian12', 'debian12_64Guest', true],
    ['debian1', 'debian12_64Guest', false],
    ['debian 12', 'debian 12.4', true],
    ['debian', 'debianGuest', true],
    ['deb', 'debian12_64Guest', false],
    ['rhel', 'rhel8_64Guest', true],
    ['rhel8', 'rhel80', false],
    ['winNet', 'winNetStandardGuest', true],
    ['windows2019', 'windows2019srv_64Guest', true],
    ['windows2019', 'windows2022srvNext_64Guest', false],
    ['win', 'windows9Guest', false],
    ['win', 'darwin64Guest', false],
    ['ubuntu', '', false],
    ['', 'debian', false],
  ])('%s, for %s: %s', (wanted, hint, expected) => {
    expect(matchesOs(wanted, hint)).toBe(expected)
  })
})
