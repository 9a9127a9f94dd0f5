import { addressOf } from './address.ts'
import type { HookText } from './hook.ts'
import type { Json } from './json.ts'
import { printable } from './printable.ts'
import { formatCount } from './units.ts'

/** What somebody can be told of. */
export const noticeEvents = ['wave', 'failure', 'drift'] as const
export type NoticeEvent = (typeof noticeEvents)[number]

/** Where notices go. */
export interface NoticeTarget {
  readonly name: string
  readonly type: 'webhook' | 'slack'
  readonly url: HookText
  readonly on: readonly NoticeEvent[]
  readonly headers: Readonly<Record<string, HookText>>
  /** `host` or `host:port` of servers on this host or its link. */
  readonly allowHosts: readonly string[]
}

/** A machine of a notice. */
export interface NoticedMachine {
  readonly name: string
  /** The stage that failed; what drifted. */
  readonly subject: string
  readonly message: string
}

/** Something that people want to hear of without asking. */
export interface Notice {
  readonly event: NoticeEvent
  readonly workspace: string
  /** Absent for drift, which no run finds. */
  readonly runId?: string
  /** ISO 8601. */
  readonly at: string
  /** One line. */
  readonly summary: string
  readonly wave?: { readonly name: string; readonly status: string; readonly machines: number; readonly why?: string }
  readonly machines: readonly NoticedMachine[]
}

const shownMachines = 20

/** A notice as what its target takes. */
export function noticeBody(notice: Notice, type: NoticeTarget['type']): Json {
  return type === 'slack' ? { text: slackText(notice) } : webhookBody(notice)
}

function webhookBody({ event, workspace, runId, at, summary, wave, machines }: Notice): Json {
  return {
    h2k_notification: '1.0',
    event,
    workspace,
    ...(runId === undefined ? {} : { run_id: runId }),
    at,
    summary,
    ...(wave ? { wave: { ...wave } } : {}),
    machines: machines.slice(0, shownMachines).map(({ name, subject, message }) => {
      return { machine: name, address: addressOf(name), subject, message }
    }),
    machines_left_out: Math.max(0, machines.length - shownMachines),
  }
}

function slackText({ workspace, summary, machines }: Notice): string {
  const rest = machines.length - shownMachines
  return [
    `*${slackEscaped(workspace)}*: ${slackEscaped(summary)}`,
    ...machines
      .slice(0, shownMachines)
      .map(({ name, subject, message }) => `• ${slackEscaped(`${addressOf(name)}, ${subject}: ${message}`)}`),
    ...(rest > 0 ? [`and ${formatCount(rest, 'machine')} more`] : []),
  ].join('\n')
}

// Mentions and links of Slack stand in angle brackets: https://docs.slack.dev/messaging/formatting-message-text#escaping
function slackEscaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
