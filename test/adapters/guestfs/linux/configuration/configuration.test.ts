import { describe, expect, it } from 'vitest'
import type { LinuxInspection } from '../../../../../src/core/inspection.ts'
import type { GuestConfiguration } from '../../../../../src/core/language/guest-configuration.ts'
import { inspectionOf, repaired } from '../guests.ts'

const configuration = (given: GuestConfiguration) => ({ configuration: given })

describe('services', () => {
  /** A systemctl, rc-update or chkconfig that remembers what is on. */
  const manager = (...names: string[]) => {
    const on = new Set(names)
    return (argv: readonly string[]) => {
      const [tool = '', verb = ''] = argv
      const unit =
        tool === 'chkconfig'
          ? argv[1] === '--list'
            ? argv[2]
            : argv[1]
          : verb === 'show'
            ? ''
            : argv.find((_, index) => index === (tool === 'systemctl' ? 3 : 2))
      const turns = argv.includes('enable') || argv.includes('add') || argv[2] === 'on'
      const ends = argv.includes('disable') || argv.includes('delete') || argv[2] === 'off'
      if (turns) on.add(unit ?? '')
      if (ends) on.delete(unit ?? '')
      if (turns || ends) return {}
      if (tool === 'rc-update') return { output: [...on].map((name) => `   ${name} | default\n`).join('') }
      const isOn = on.has(unit ?? '')
      if (tool === 'chkconfig') return { output: `${unit} 0:off 3:${isOn ? 'on' : 'off'}\n` }
      return { exitCode: isOn ? 0 : 1, output: isOn ? 'enabled\n' : 'disabled\n' }
    }
  }

  it.each<readonly [LinuxInspection['init'], LinuxInspection['packageSystem'], string[], string[][]]>([
    [
      'systemd',
      'dpkg',
      ['cron', 'avahi-daemon.service'],
      [
        ['systemctl', 'enable', '--', 'nginx.service'],
        ['systemctl', 'disable', '--', 'avahi-daemon.service'],
      ],
    ],
    [
      'openrc',
      'apk',
      ['cron', 'avahi-daemon'],
      [
        ['rc-update', 'add', 'nginx', 'default'],
        ['rc-update', 'delete', 'avahi-daemon', 'default'],
      ],
    ],
    [
      'sysvinit',
      'rpm',
      ['cron', 'avahi-daemon'],
      [
        ['chkconfig', 'nginx', 'on'],
        ['chkconfig', 'avahi-daemon', 'off'],
      ],
    ],
  ])('by %s', async (init, packageSystem, on, argvs) => {
    const wanted = { enable: ['nginx.service', 'cron'], disable: ['avahi-daemon.service'] }
    const inspection = inspectionOf({ init, packageSystem })
    const { tree, changes } = await repaired(
      {},
      configuration({ services: wanted }),
      inspection,
      inspection,
      manager(...on),
    )
    const acts = tree.ran.filter((argv) => !argv.some((word) => ['is-enabled', 'show', '--list'].includes(word)))
    expect(acts).toEqual(argvs)
    expect(changes.map(({ subject, summary }) => `${subject} ${summary}`)).toEqual([
      'nginx.service enabled',
      'avahi-daemon.service disabled',
    ])
  })

  it('are told where nobody knows how', async () => {
    const { findings } = await repaired(
      {},
      configuration({ services: { enable: ['a'] } }),
      inspectionOf({ init: 'unknown' }),
    )
    expect(findings.map(({ evidence }) => evidence)).toEqual(['it is not known what starts services in this guest'])
  })
})

describe('the name of the guest', () => {
  it('and its lines of hosts', async () => {
    const { diff } = await repaired(
      {
        '/etc/hostname': 'old\n',
        '/etc/hosts': '127.0.0.1\tlocalhost\n127.0.1.1\told.lan old\n10.0.0.9 db\n',
        '/etc/cloud/cloud.cfg': '',
      },
      configuration({
        hostname: {
          hostname: 'web01',
          domain: 'example.org',
          hosts: [
            { ip: '10.0.0.9', hostname: 'db' },
            { ip: '10.0.0.10', hostname: 'cache.lan cache' },
          ],
        },
      }),
    )
    expect(diff).toMatchInlineSnapshot(`
      "--- a/etc/hostname
      +++ b/etc/hostname
      @@ -1 +1 @@
      -old
      +web01
      --- /dev/null
      +++ b/etc/cloud/cloud.cfg.d/99-h2k-hostname.cfg
      @@ -0,0 +1 @@
      +preserve_hostname: true
      --- a/etc/hosts
      +++ b/etc/hosts
      @@ -1,3 +1,4 @@
       127.0.0.1	localhost
      -127.0.1.1	old.lan old
      +127.0.1.1	web01.example.org web01
       10.0.0.9 db
      +10.0.0.10	cache.lan cache
      "
    `)
  })

  it('with a domain alone is the one that it has', async () => {
    const inspection = inspectionOf({ hostname: 'web' })
    const { tree } = await repaired({}, configuration({ hostname: { domain: 'lan' } }), inspection)
    expect(await tree.read('/etc/hosts')).toBe('127.0.0.1 localhost\n127.0.1.1\tweb.lan web\n')
  })
})

describe('files of the network and of cloud-init', () => {
  it('are written as the manifest has them, and not shown', async () => {
    const { tree, diff } = await repaired(
      { '/etc/cloud/cloud.cfg': '', '/etc/group': 'systemd-network:x:998:\n' },
      configuration({
        network: {
          systemd_networkd: [{ filename: 'wg0.netdev', content: '[WireGuard]\nPrivateKey=geheim' }],
          netplan: { version: 2, ethernets: { enp1s0: { dhcp4: true } } },
          interfaces: 'auto lo\n',
        },
        cloud_init: { password: 'geheim', chpasswd: { expire: false } },
      }),
      inspectionOf({ hostname: 'web01' }),
    )
    expect(diff).toBe('')
    expect(tree.files()).toMatchInlineSnapshot(`
      {
        "/etc/cloud/cloud.cfg": "",
        "/etc/cloud/cloud.cfg.d/99-h2k-datasource.cfg": "datasource_list: [NoCloud, None]
      ",
        "/etc/group": "systemd-network:x:998:
      ",
        "/etc/netplan/99-h2k.yaml": "network:
        version: 2
        ethernets:
          enp1s0:
            dhcp4: true
      ",
        "/etc/network/interfaces": "auto lo
      ",
        "/etc/systemd/network/wg0.netdev": "[WireGuard]
      PrivateKey=geheim
      ",
        "/var/lib/cloud/seed/nocloud/meta-data": "instance-id: h2k-e52d1f7e91d6b876
      local-hostname: web01
      ",
        "/var/lib/cloud/seed/nocloud/user-data": "#cloud-config
      password: geheim
      chpasswd:
        expire: false
      ",
      }
    `)
    expect(await tree.mode('/etc/netplan/99-h2k.yaml')).toBe(0o600)
    expect(await tree.mode('/etc/systemd/network/wg0.netdev')).toBe(0o640)
    expect(tree.owner('/etc/systemd/network/wg0.netdev')).toBe('0:998')
    expect(await tree.mode('/var/lib/cloud/seed/nocloud/user-data')).toBe(0o600)
  })

  it('a seed without cloud-init is told', async () => {
    const { changes, findings } = await repaired({}, configuration({ cloud_init: { a: 1 } }))
    expect(changes).toEqual([])
    expect(findings[0]?.evidence).toBe('configuration.cloud_init has no effect: the guest has no cloud-init')
  })

  it('stay as they are when the NICs get other names', async () => {
    const nics = [{ id: 'nic0', mac: '00:50:56:aa:bb:01', predictedName: 'enp1s0' }]
    const { tree } = await repaired(
      { '/etc/network/interfaces': 'iface ens192 inet dhcp\n' },
      { networkMode: 'rename', nics, ...configuration({ network: { interfaces: 'iface ens192 inet manual\n' } }) },
    )
    expect(await tree.read('/etc/network/interfaces')).toBe('iface ens192 inet manual\n')
  })
})
