import type { HttpHook } from '../../core/hook.ts'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import { renderDeep } from '../../core/template.ts'
import { type Attempt, type Failure, failure, titleOf } from './attempt.ts'
import { type Lookup, type Request, type Response, send } from './request.ts'

const maxRedirects = 5

/** Sends a request and follows its redirects; 2xx is success. */
export async function runHttp(hook: HttpHook, attempt: Attempt, lookup: Lookup): Promise<Failure | undefined> {
  const limit = AbortSignal.timeout(hook.timeoutSeconds * 1000)
  const signal = AbortSignal.any([attempt.signal, limit])
  let request = firstRequest(hook, attempt)
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const { host } = request.url
    const response = await answer(hook, request, lookup, signal).catch((error) => {
      attempt.signal.throwIfAborted()
      if (limit.aborted) throw problem('HOOK_TIMEOUT', `${titleOf(hook)} took longer than ${hook.timeoutSeconds} s`)
      throw error
    })
    if ('error' in response) return response
    const next = redirected(hook, request, response)
    if (next === undefined) {
      attempt.out(response.body)
      return response.status >= 200 && response.status < 300 ? undefined : refused(hook, host, response, attempt)
    }
    request = next
  }
  return failure(hook, `${request.url.host} redirects more than ${maxRedirects} times`, { final: true })
}

function firstRequest(hook: HttpHook, attempt: Attempt): Request {
  const url = httpUrl(hook, attempt.text(hook.url, 'url', 'url'))
  const body = hook.body === undefined ? undefined : renderDeep(hook.body, attempt.context, `${titleOf(hook)}, body`)
  const headers = Object.entries(hook.headers).map(([name, value]) => [
    name.toLowerCase(),
    attempt.text(value, `headers.${name}`),
  ])
  const content = body === undefined ? {} : { 'content-type': 'application/json' }
  return {
    sender: titleOf(hook),
    url,
    method: hook.method,
    headers: { 'user-agent': 'h2k', ...content, ...Object.fromEntries(headers) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

function httpUrl(hook: HttpHook, text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined
  if (url === undefined)
    throw problem('HOOK_URL_DENIED', `${titleOf(hook)}: its URL is none`, { hint: 'write it as https://host/path' })
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw problem('HOOK_URL_DENIED', `${titleOf(hook)}: ${printable(url.protocol)} is neither http: nor https:`)
  }
  if (url.username !== '' || url.password !== '') {
    throw problem('HOOK_URL_DENIED', `${titleOf(hook)}: the URL for ${url.host} holds a user name`, {
      hint: 'send it in the header Authorization, by {env: NAME}',
    })
  }
  return url
}

async function answer(
  hook: HttpHook,
  request: Request,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<Response | Failure> {
  try {
    return await send(request, hook.allowHosts, lookup, signal)
  } catch (error) {
    signal.throwIfAborted()
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    if (code === 'ERR_INVALID_CHAR' || code === 'ERR_UNESCAPED_CHARACTERS') {
      const hint = 'end the template with | url_encode'
      return failure(hook, 'a header holds characters that headers cannot have', { hint, final: true })
    }
    return failure(hook, `${request.url.host} cannot be reached: ${code}`)
  }
}

/** The request that a redirect asks for; undefined when the response is none. */
function redirected(hook: HttpHook, request: Request, { status, location }: Response): Request | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined
  const url = httpUrl(hook, location, request.url)
  const keepsBody = status === 307 || status === 308
  const method = keepsBody || request.method === 'HEAD' ? request.method : 'GET'
  const { body, headers } = request
  // What was meant for one server, such as a token, is not told to another.
  const told = url.origin === request.url.origin ? headers : pick(headers, ['user-agent', 'content-type'])
  if (keepsBody) return { ...request, url, headers: told }
  const { 'content-type': _, ...withoutBody } = told
  return { sender: request.sender, url, method, headers: body === undefined ? told : withoutBody }
}

function pick(headers: Request['headers'], names: readonly string[]): Request['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))
}

function refused(hook: HttpHook, host: string, { status, body }: Response, attempt: Attempt): Failure {
  const said = attempt.shown(body.trim())
  return failure(hook, `${host} answered with status ${status}`, {
    ...(said === '' ? {} : { detail: said }),
    final: status !== 429 && status < 500,
  })
}
