import { describe, expect, it } from 'vitest'
import { osinfoId } from '../../src/core/osinfo.ts'

// Ids as `osinfo-query os -f id` of osinfo-db names them.
describe('the id of libosinfo', () => {
  it.each([
    ['debian12_64Guest', 'http://debian.org/debian/12'],
    ['debian 12', 'http://debian.org/debian/12'],
    ['Debian GNU/Linux 11 (64-bit)', 'http://debian.org/debian/11'],
    ['ubuntu 22.04', 'http://ubuntu.com/ubuntu/22.04'],
    ['ubuntu64Guest', 'http://libosinfo.org/linux/2022'],
    ['rhel9_64Guest', 'http://redhat.com/rhel/9-unknown'],
    ['rhel 9.4', 'http://redhat.com/rhel/9.4'],
    ['Red Hat Enterprise Linux 8 (64-bit)', 'http://redhat.com/rhel/8-unknown'],
    ['centos7_64Guest', 'http://centos.org/centos/7.0'],
    ['centos8_64Guest', 'http://centos.org/centos/8'],
    ['centos9_64Guest', 'http://centos.org/centos-stream/9'],
    ['rocky 9.2', 'http://rockylinux.org/rocky/9'],
    ['rockylinux_64Guest', 'http://libosinfo.org/linux/2022'],
    ['almalinux 9', 'http://almalinux.org/almalinux/9'],
    ['oracleLinux8_64Guest', 'http://oracle.com/ol/8.0'],
    ['ol9.3 9.3', 'http://oracle.com/ol/9.3'],
    ['sles15_64Guest', 'http://suse.com/sle/15'],
    ['sles12_64Guest', 'http://suse.com/sles/12'],
    ['SUSE Linux Enterprise 15.4', 'http://suse.com/sle/15.4'],
    ['opensuse 15.4', 'http://opensuse.org/opensuse/15.4'],
    ['fedora 39', 'http://fedoraproject.org/fedora/39'],
    ['freebsd13_64Guest', 'http://freebsd.org/freebsd/13.0'],
    ['linux', 'http://libosinfo.org/linux/2022'],
    ['otherLinux64Guest', 'http://libosinfo.org/linux/2022'],
    ['windows2019srv_64Guest', 'http://microsoft.com/win/2k19'],
    ['windows2019srvNext_64Guest', 'http://microsoft.com/win/2k22'],
    ['windows2022srvNext_64Guest', 'http://microsoft.com/win/2k25'],
    ['windows9Server64Guest', 'http://microsoft.com/win/2k16'],
    ['windows8Server64Guest', 'http://microsoft.com/win/2k12'],
    ['windows7Server64Guest', 'http://microsoft.com/win/2k8r2'],
    ['winLonghorn64Guest', 'http://microsoft.com/win/2k8'],
    ['winNetStandardGuest', 'http://microsoft.com/win/2k3'],
    ['windows9_64Guest', 'http://microsoft.com/win/10'],
    ['windows11_64Guest', 'http://microsoft.com/win/11'],
    ['windows7_64Guest', 'http://microsoft.com/win/7'],
    ['windows 2k19', 'http://microsoft.com/win/2k19'],
    ['windows 2k8r2', 'http://microsoft.com/win/2k8r2'],
    ['Microsoft Windows Server 2022 (64-bit)', 'http://microsoft.com/win/2k22'],
    ['windows server 2012 R2', 'http://microsoft.com/win/2k12r2'],
    ['Windows 10', 'http://microsoft.com/win/10'],
    ['http://nixos.org/nixos/22.11', 'http://nixos.org/nixos/22.11'],
  ])('of %s is %s', (os, id) => {
    expect(osinfoId(os)).toBe(id)
  })

  it.each(['unknown', 'windows', 'otherGuest', 'darwin23_64Guest', 'web 12', '', 'http://x/"><a'])(
    'is not known of %j',
    (os) => {
      expect(osinfoId(os)).toBeUndefined()
    },
  )
})
