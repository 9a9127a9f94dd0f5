/** The driver that h2k defines machines with. */
const known = /^qemu(?:\+(?<transport>[a-z0-9]+))?:\/\/(?<host>[^/?#]*)\/(?:system|session)(?:[?#].*)?$/

export interface LibvirtUri {
  /** Whether it leads to another host, whose files are not this host's. */
  readonly remote: boolean
  /** The libvirt of one user, without rights of the host. */
  readonly session: boolean
}

/** What a URI of libvirt leads to; undefined for one that h2k cannot use. (https://libvirt.org/uri.html) */
export function libvirtUri(uri: string): LibvirtUri | undefined {
  const found = known.exec(uri)?.groups
  // A control character, or a dash in front, would be something else to the tools that the URI is given to.
  if (!found || /[\p{Cc}\s]/u.test(uri) || /^-|@-/.test(found.host ?? '')) return undefined
  return { remote: found.host !== '' && found.transport !== 'unix', session: /\/session(?:[?#]|$)/.test(uri) }
}
