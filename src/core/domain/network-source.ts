import { child, childrenNamed, type XmlElement } from '../xml.ts'
import type { NetworkAuth, NetworkSource } from './described-domain.ts'

/** The `<host>` elements in the source of a disk or of a pool. */
export function networkHostsOf(source: XmlElement | undefined): Pick<NetworkSource, 'hosts'> {
  const hosts = (source ? childrenNamed(source, 'host') : []).flatMap(({ attributes: { name, port } }) =>
    name ? [{ name, ...(port ? { port } : {}) }] : [],
  )
  return hosts.length === 0 ? {} : { hosts }
}

/** The `<auth>` in there, where it is whole. */
export function networkAuthOf(source: XmlElement | undefined): Pick<NetworkSource, 'auth'> {
  const auth = source && child(source, 'auth')
  const secret = auth && child(auth, 'secret')
  const user = auth?.attributes.username
  if (!secret || !user) return {}
  const { uuid, usage } = secret.attributes
  if (uuid) return { auth: { user, secret: { uuid: uuid.toLowerCase() } } }
  return usage ? { auth: { user, secret: { usage } } } : {}
}

/** An image of Ceph in one text: two of one name in two clusters are two. */
export function networkText({ protocol, name = '', hosts = [], auth }: NetworkSource): string {
  const image = `${protocol}:${name}`
  if (protocol !== 'rbd') return image
  const at = hosts.map(({ name: host, port }) => (port === undefined ? host : `${host}:${port}`)).join(', ')
  return [image, ...(at === '' ? [] : [`at ${at}`]), ...(auth ? [`as ${authText(auth)}`] : [])].join(' ')
}

function authText({ user, secret }: NetworkAuth): string {
  return `${user} (secret ${'uuid' in secret ? secret.uuid : secret.usage})`
}
