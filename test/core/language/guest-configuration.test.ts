import { describe, expect, it } from 'vitest'
import { manifestSchema } from '../../../src/core/language/manifest.ts'
import { readAs } from '../../../src/core/language/read-as.ts'
import { refusal } from '../../support/refusal.ts'
import { bytes } from '../layer-texts.ts'

const head = 'manifest_version: "1.0"\nsource: {provider: local}\nconfiguration:\n'
const read = (text: string) => readAs(manifestSchema, bytes(`${head}  ${text}\n`), 'web.yaml').configuration
const problemsIn = (text: string) =>
  refusal(() => read(text)).map(({ code, summary, hint }) => `${code} ${summary} ${hint ?? ''}`.trim())

it.each([
  'users: {create: [{name: deploy, uid: 1001, password: "$6$rounds=5000$saltsalt$hhhhhhhhhhhhhhhh", groups: [sudo, adm], shell: /bin/bash, ssh_authorized_keys: ["ssh-ed25519 AAAA a@b"]}]}',
  'users: {create: [{name: svc_app$, password: "!"}, {name: a, password: "$y$j9T$abcdefgh$hhhhhhhh"}]}',
  'services: {enable: [ssh.service, getty@tty1], disable: ["systemd-networkd-wait-online.service"]}',
  'hostname: {hostname: web01, domain: example.com, hosts: [{ip: 10.0.0.1, hostname: db01}, {ip: "fe80::1", hostname: db01.example.com db01}]}',
  'network: {systemd_networkd: [{filename: 10-lan.network, content: "[Match]"}], netplan: {network: {version: 2}}, interfaces: "auto lo"}',
  'network: {netplan: "network: {version: 2}"}',
  'cloud_init: {users: [default], anything: {goes: null}}',
])('takes %s', (text) => {
  expect(read(text)).toBeDefined()
})

describe('refuses', () => {
  it.each([
    [
      'a name that would be an option',
      'users: {create: [{name: -rf}]}',
      'VALUE_INVALID configuration.users.create[0].name: must be the name of an account, such as deploy',
    ],
    [
      'a user without a name',
      'users: {create: [{uid: 1}]}',
      'KEY_MISSING configuration.users.create[0].name is missing',
    ],
    [
      'a shell that is more than one',
      'users: {create: [{name: a, shell: "/bin/sh -c id"}]}',
      'VALUE_INVALID configuration.users.create[0].shell: must be an absolute path',
    ],
    [
      'two keys in one',
      'users: {create: [{name: a, ssh_authorized_keys: ["ssh-rsa A\\nssh-rsa B"]}]}',
      'VALUE_INVALID configuration.users.create[0].ssh_authorized_keys[0]: must be one line',
    ],
    [
      'a unit with a path',
      'services: {enable: [../a]}',
      'VALUE_INVALID configuration.services.enable[0]: must be the name of a unit of systemd',
    ],
    [
      'a host with a space',
      'hostname: {hostname: "web 01"}',
      'VALUE_INVALID configuration.hostname.hostname: must be the name of a host: letters, digits, - and .',
    ],
    [
      'an address that is none',
      'hostname: {hosts: [{ip: 10.0.0.256, hostname: a}]}',
      'VALUE_INVALID configuration.hostname.hosts[0].ip: must be an IP address',
    ],
    [
      'a file elsewhere',
      'network: {systemd_networkd: [{filename: ../../a.network, content: a}]}',
      'VALUE_INVALID configuration.network.systemd_networkd[0].filename: must be a plain name that ends in .network, .netdev or .link',
    ],
  ])('%s', (_name, text, expected) => {
    expect(problemsIn(text)).toEqual([expected])
  })

  it.each([
    'hunter2',
    '"12345678"',
    '12345678',
    '[hunter2]',
    '{env: hunter2}',
    '"$6$short"',
    '"$6$saltsalt$hash:with:colons"',
  ])('the password %s, and never repeats it', (password) => {
    const found = problemsIn(`users: {create: [{name: a, password: ${password}}]}`)
    expect(found).toEqual([
      'VALUE_INVALID configuration.users.create[0].password: must be a hash of crypt(5), such as mkpasswd makes',
    ])
  })
})
