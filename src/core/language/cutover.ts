import { z } from 'zod'

const text = z.string().min(1)
// With its zone: a plan is made here and carried out elsewhere.
const moment = (error: string) => z.iso.datetime({ offset: true, error })
const sometime = 'a date or a time with its zone'

/** `cutover` */
export const cutover = z.strictObject({
  source_action: z
    .enum(['none', 'power_off', 'shutdown', 'tag', 'rename'])
    .optional()
    .meta({ description: 'what is done to the source machine', default: 'none' }),
  at: moment('a time with its zone, such as 2026-05-01T22:00:00Z').optional().describe('not before'),
  require_approval: z.boolean().optional().describe('wait for a person'),
})

/** `suspend`: the machine stays in git, and nothing is done with it. */
export const suspend = z.strictObject({
  until: z
    .union([moment(sometime), z.iso.date(sometime)])
    .optional()
    .describe('without it until the key is removed'),
  why: text.optional().describe('for the reader'),
})
