import { readFileSync } from 'node:fs'
import { problem } from '../../core/problem.ts'
import type { RequestOptions } from './request.ts'

/** A connection of the workspace to a web server; what is secret is in the environment. */
export interface WebConnection {
  readonly name: string
  readonly url: string
  readonly username?: string | undefined
  readonly passwordEnv?: string | undefined
  readonly tokenEnv?: string | undefined
  /** Absolute. */
  readonly caFile?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * How an address is asked for: by the connection whose own address is the longest that it begins with. So a password is
 * sent to no other server and no other folder than it is meant for.
 * @throws ProblemError SOURCE_UNREADABLE for a variable that is not set or holds no token, or a file that cannot be read
 */
export function optionsFor(
  address: URL,
  connections: readonly WebConnection[],
  environment: Environment,
): RequestOptions {
  const fitting = connections.filter(({ url }) => isBelow(address, new URL(url)))
  const connection = fitting.toSorted((a, b) => b.url.length - a.url.length)[0]
  if (!connection) {
    const folder = new URL('.', address).href
    return { whoHint: `add a connection of type https with url: ${folder} to h2k.yaml, with token_env or password_env` }
  }
  const { name, caFile } = connection
  const authorization = authorizationOf(connection, environment)
  return {
    ...(caFile === undefined ? {} : { ca: readCa(caFile, name) }),
    ...(authorization === undefined ? {} : { headers: { authorization } }),
    whoHint: `check the user and the secret of connection "${name}" in h2k.yaml`,
  }
}

function isBelow(address: URL, url: URL): boolean {
  const folder = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`
  return address.origin === url.origin && (address.pathname === url.pathname || address.pathname.startsWith(folder))
}

function authorizationOf({ name, username, passwordEnv, tokenEnv }: WebConnection, environment: Environment) {
  const secret = (variable: string) => {
    const value = environment[variable]
    if (value !== undefined && value !== '') return value
    throw problem('SOURCE_UNREADABLE', `connection "${name}": the environment variable ${variable} is not set`, {
      hint: `export ${variable}=…`,
    })
  }
  if (tokenEnv !== undefined) {
    const token = secret(tokenEnv)
    if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`
    throw problem('SOURCE_UNREADABLE', `connection "${name}": the environment variable ${tokenEnv} holds no token`, {
      hint: 'it has a space, a line break or a letter that is not ASCII, perhaps at its end',
    })
  }
  if (username === undefined || passwordEnv === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${secret(passwordEnv)}`).toString('base64')}`
}

function readCa(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw problem('SOURCE_UNREADABLE', `connection "${name}": its ca_file ${path} cannot be read`, { detail })
  }
}
