/** The driver that h2k defines machines with. */
const known =
  /^qemu(?:\+(?<transport>[a-z0-9]+))?:\/\/(?:(?<user>[^/?#]*)@)?(?<host>[^/?#@]*)\/(?<path>system|session)(?:\?(?<query>[^#]*))?(?:#.*)?$/i

export interface LibvirtUri {
  /** Spelled as everybody spells it: one libvirt that is reached in one way has one. */
  readonly uri: string
  /** Whether it leads to another host, whose files are not this host's. */
  readonly remote: boolean
  /** The libvirt of one user, without rights of the host. */
  readonly session: boolean
}

/** What a URI of libvirt leads to; undefined for one that h2k cannot use. (https://libvirt.org/uri.html) */
export function libvirtUri(uri: string): LibvirtUri | undefined {
  const found = known.exec(uri)?.groups
  // A control character, or a dash in front, would be something else to the tools that the URI is given to.
  if (!found || /[\p{Cc}\s]/u.test(uri)) return undefined
  const { transport, user = '', host = '', path = '', query = '' } = found
  if (user.startsWith('-') || host.startsWith('-')) return undefined
  const by = transport?.toLowerCase()
  const server = host.toLowerCase().replace(by === 'ssh' ? /:22$/ : /$^/, '')
  // What libvirt does where there is no other host is to take its own socket.
  const shown = by === 'unix' && query === '' ? undefined : by
  const plain = `qemu${shown === undefined ? '' : `+${shown}`}://${user === '' ? '' : `${user}@`}${server}/${path.toLowerCase()}`
  return {
    uri: query === '' ? plain : `${plain}?${query}`,
    remote: host !== '' && by !== 'unix',
    session: path.toLowerCase() === 'session',
  }
}
