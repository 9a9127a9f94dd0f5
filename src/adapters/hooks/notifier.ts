import { setTimeout as wait } from 'node:timers/promises'
import type { HookText } from '../../core/hook.ts'
import { type Notice, type NoticeTarget, noticeBody } from '../../core/notice.ts'
import { printable } from '../../core/printable.ts'
import { type Problem, problemsOf } from '../../core/problem.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { createMask } from './mask.ts'
import { type Lookup, lookupHost, type Request, send } from './request.ts'

const attempts = 3
const secondsForOne = 10

interface Needs {
  /** h2k's own. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly lookup?: Lookup
  /** Seconds before the second attempt; twice as many before the third. */
  readonly delaySeconds?: number
}

/** Posts notices to web servers, which hooks may reach too; a redirect is not followed. */
export function createNotifier({ environment, lookup = lookupHost, delaySeconds = 1 }: Needs): Notifier {
  return {
    async send(notice, target, signal) {
      const secrets = [target.url, ...Object.values(target.headers)].flatMap((text) => {
        return typeof text === 'string' ? [] : (environment[text.env] ?? [])
      })
      const mask = createMask(secrets)
      const failed = (what: string, hint?: string): Problem => ({
        severity: 'warning',
        code: 'NOTIFICATION_FAILED',
        summary: mask.text(`${titleOf(target)}: ${what}`),
        ...(hint === undefined ? {} : { hint }),
      })
      const request = requestOf(notice, target, environment)
      if ('missing' in request)
        return failed(`the environment variable ${request.missing} is not set`, `export ${request.missing}=…`)
      if ('wrong' in request) return failed(request.wrong, 'write it as https://host/path')
      for (let attempt = 1; ; attempt++) {
        const ended = await attempted(request, target, lookup)
        if (ended === undefined) return undefined
        if (ended.problem) return { ...ended.problem, severity: 'warning', summary: mask.text(ended.problem.summary) }
        const over = attempt === attempts || ended.final || signal.aborted
        if (over || !(await waited(delaySeconds * 2 ** (attempt - 1), signal))) return failed(ended.what)
      }
    },
  }
}

interface Failed {
  readonly what: string
  /** Another attempt would end like this one. */
  readonly final: boolean
  readonly problem?: Problem
}

async function attempted(request: Request, target: NoticeTarget, lookup: Lookup): Promise<Failed | undefined> {
  const limit = AbortSignal.timeout(secondsForOne * 1000)
  try {
    const { status } = await send(request, target.allowHosts, lookup, limit)
    if (status >= 200 && status < 300) return undefined
    return { what: `${request.url.host} answered with status ${status}`, final: status !== 429 && status < 500 }
  } catch (error) {
    const [denied] = problemsOf(error) ?? []
    if (denied) return { what: denied.summary, final: true, problem: denied }
    if (limit.aborted) return { what: `${request.url.host} took longer than ${secondsForOne} s`, final: false }
    if (!(error instanceof Error && 'code' in error)) throw error
    const code = String(error.code)
    if (code === 'ERR_INVALID_CHAR') return { what: 'a header holds characters that headers cannot have', final: true }
    return { what: `${request.url.host} cannot be reached: ${code}`, final: false }
  }
}

function requestOf(
  notice: Notice,
  target: NoticeTarget,
  environment: Needs['environment'],
): Request | { readonly missing: string } | { readonly wrong: string } {
  const texts = [target.url, ...Object.values(target.headers)]
  const missing = texts.find((text) => typeof text !== 'string' && environment[text.env] === undefined)
  if (missing !== undefined && typeof missing !== 'string') return { missing: missing.env }
  const textOf = (text: HookText) => (typeof text === 'string' ? text : (environment[text.env] ?? ''))
  const url = URL.parse(textOf(target.url))
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return { wrong: 'its URL is none of http or https' }
  if (url.username !== '' || url.password !== '') return { wrong: 'its URL holds a user name' }
  const headers = Object.entries(target.headers).map(([name, text]) => [name.toLowerCase(), textOf(text)])
  return {
    sender: titleOf(target),
    url,
    method: 'POST',
    headers: { 'user-agent': 'h2k', 'content-type': 'application/json', ...Object.fromEntries(headers) },
    body: JSON.stringify(noticeBody(notice, target.type)),
  }
}

function titleOf({ name }: NoticeTarget): string {
  return `notification "${printable(name)}"`
}

/** Whether the time passed; false as soon as it was aborted. */
async function waited(seconds: number, signal: AbortSignal): Promise<boolean> {
  return await wait(seconds * 1000, true, { signal }).catch((error) => {
    if (signal.aborted) return false
    throw error
  })
}
