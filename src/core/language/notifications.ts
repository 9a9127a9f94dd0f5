import { z } from 'zod'
import { type NoticeTarget, noticeEvents } from '../notice.ts'
import { allowHosts, headerName, secret, value } from './hooks.ts'

const notification = z.strictObject({
  name: z.string().min(1).describe('for messages about it'),
  type: z
    .enum(['webhook', 'slack'])
    .describe('what is sent: JSON of h2k, or a message as Slack and those like it take it'),
  url: z.union([z.string().min(1), secret]).describe('http or https; Slack’s is a secret: {env: NAME}'),
  on: z
    .array(z.enum(noticeEvents))
    .min(1)
    .optional()
    .meta({ description: 'what it is told', default: [...noticeEvents] }),
  headers: z.record(headerName, value).optional().describe('such as Authorization'),
  allow_hosts: allowHosts,
})

/** `notifications` of `h2k.yaml`. */
export const notifications = z.array(notification)

/** What `notifications` says, with nothing left out. */
export function noticeTargets(parsed: z.infer<typeof notifications> = []): readonly NoticeTarget[] {
  return parsed.map(({ name, type, url, on = noticeEvents, headers = {}, allow_hosts: allowed = [] }) => {
    return { name, type, url, on, headers, allowHosts: allowed }
  })
}
