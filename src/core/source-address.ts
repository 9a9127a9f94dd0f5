import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'

/** Whether a source's path is the address of a file on a web server. */
export function isAddress(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

/** A source's path as it is asked for: an address in its one spelling, or an absolute path. */
export function sourcePath(path: string, fromManifest: (path: string) => string): string {
  return isAddress(path) ? (URL.parse(path)?.href ?? path) : fromManifest(path)
}

/** What of the addresses that a manifest names is none that h2k asks for. */
export function addressIssue({ source, disks = [] }: Manifest): Issue | undefined {
  if (source.path !== undefined) {
    const fault = isAddress(source.path) ? addressFault(source.path) : undefined
    return fault && { code: 'VALUE_INVALID', path: ['source', 'path'], ...fault }
  }
  const paths = disks.map(({ local_path }) => local_path)
  const first = paths.findIndex(isAddress)
  if (first < 0) return undefined
  for (const [index, path] of paths.entries()) {
    const fault = isAddress(path) ? addressFault(path) : mixed(paths[first] ?? '')
    if (fault) return { code: 'VALUE_INVALID', path: ['disks', index, 'local_path'], ...fault }
  }
  return undefined
}

type Fault = Pick<Issue, 'summary' | 'hint'>

function mixed(address: string): Fault {
  return {
    summary: `this disk is a file, and another one of the machine an address (${hostOf(address)})`,
    hint: 'let all of them be files, or all addresses',
  }
}

/** What of an address a manifest cannot name. */
export function addressFault(address: string): Fault | undefined {
  const url = URL.parse(address)
  if (!url) return { summary: 'this is no address that a server could be asked for' }
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !loopback) {
    return { summary: `${url.host} would be asked without TLS`, hint: 'write https://' }
  }
  if (url.username || url.password) {
    return {
      summary: 'the address holds a user or a password, which git would keep',
      hint: 'a connection of type https in h2k.yaml has username and password_env, or token_env',
    }
  }
  if (url.search || url.hash) {
    return {
      summary: 'the address has a part behind ? or #: what signs an address would be kept by git',
      hint: 'name the file alone; a connection of type https in h2k.yaml has token_env',
    }
  }
  return undefined
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address
}
