import { z } from 'zod'

const text = z.string().min(1)
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const hostName = z
  .string()
  .max(253)
  .regex(new RegExp(`^${label}(?:\\.${label})*$`), 'the name of a host: letters, digits, - and .')
const hostNames = z
  .string()
  .max(2000)
  .regex(
    new RegExp(`^${label}(?:\\.${label})*(?: +${label}(?:\\.${label})*)*$`),
    'names of a host, with spaces between them: letters, digits, - and .',
  )
const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,30}\$?$/, 'the name of an account, such as deploy')
const unit = z.string().regex(/^[a-zA-Z0-9:_.@\\-]{1,255}$/, 'the name of a unit of systemd')
const networkFile = z
  .string()
  .regex(
    /^[a-zA-Z0-9_@][a-zA-Z0-9._@-]{0,200}\.(?:network|netdev|link)$/,
    'a plain name that ends in .network, .netdev or .link',
  )
const ip = z.union([z.ipv4('an IP address'), z.ipv6('an IP address')])

const cryptHash = /^(?:\$[0-9a-zA-Z-]{1,20}\$[^\s:]{8,500}|[!*]{1,2})$/
// Not a string with a format: findings on those may quote what they found.
const password = z
  .custom<string>(
    (value) => typeof value === 'string' && cryptHash.test(value),
    'must be a hash of crypt(5), such as mkpasswd makes',
  )
  .meta({ type: 'string', pattern: cryptHash.source, description: 'a hash of crypt(5), or ! for none' })

const user = z.strictObject({
  name: account.describe('of the account'),
  uid: z.int().min(0).max(4_294_967_294).optional().describe('the next free one without it'),
  password: password.optional(),
  groups: z.array(account).optional().describe('besides its own'),
  shell: z
    .string()
    .regex(/^\/[^\s:]*$/, 'an absolute path')
    .optional()
    .describe('its login shell, an absolute path'),
  ssh_authorized_keys: z
    .array(z.string().regex(/^[^\r\n]+$/, 'one line'))
    .optional()
    .describe('lines of authorized_keys'),
})

/** What is set up in a Linux guest. */
export const guestConfiguration = z.strictObject({
  users: z.strictObject({ create: z.array(user).optional().describe('accounts') }).optional(),
  services: z
    .strictObject({
      enable: z.array(unit).optional().describe('units of systemd that start at boot'),
      disable: z.array(unit).optional().describe('units that no longer do'),
    })
    .optional(),
  hostname: z
    .strictObject({
      hostname: hostName.optional().describe('of the guest'),
      domain: hostName.optional().describe('of the guest'),
      hosts: z
        .array(
          z.strictObject({
            ip: ip.describe('an address'),
            hostname: hostNames.describe('its name, and further ones after spaces'),
          }),
        )
        .optional()
        .describe('lines of /etc/hosts'),
    })
    .optional(),
  network: z
    .strictObject({
      systemd_networkd: z
        .array(z.strictObject({ filename: networkFile.describe('a plain name'), content: text.describe('the file') }))
        .optional()
        .describe('files of /etc/systemd/network'),
      netplan: z
        .union([text, z.record(z.string(), z.unknown())])
        .optional()
        .describe('a file of /etc/netplan, as text or as the map that is in it'),
      interfaces: text.optional().describe('the content of /etc/network/interfaces'),
    })
    .optional(),
  cloud_init: z.record(z.string(), z.unknown()).optional().describe('cloud-config for the first boot'),
})

export type GuestConfiguration = z.infer<typeof guestConfiguration>
