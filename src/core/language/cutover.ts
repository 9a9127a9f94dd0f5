import { z } from 'zod'

const text = z.string().min(1)
// With its zone: a plan is made here and carried out elsewhere.
const moment = (error: string) => z.iso.datetime({ offset: true, error })
const sometime = 'a date or a time with its zone'

/** `cutover.verify` */
const verify = z.strictObject({
  timeout_seconds: z.int().min(1).max(86_400).optional().meta({ description: 'how long it may take', default: 300 }),
  agent: z.boolean().optional().meta({ description: 'its guest agent has to answer', default: false }),
  tcp: z
    .string()
    .regex(/^([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}$/, 'HOST:PORT, such as 10.0.0.5:22 or [2001:db8::5]:22')
    .optional()
    .describe('HOST:PORT that has to take connections from here'),
  expect: text.max(1000).optional().describe('text that it has to print on its serial port'),
})

/** `cutover` */
export const cutover = z.strictObject({
  source_action: z.enum(['none', 'power_off', 'shutdown', 'tag', 'rename']).optional().meta({
    description:
      'what is done to the source, a domain that source.connection names: shutdown leaves it on when it does not shut down in time, power_off switches it off then; tag and rename mark one that is off once the target works',
    default: 'none',
  }),
  at: moment('a time with its zone, such as 2026-05-01T22:00:00Z').optional().describe('not before'),
  require_approval: z
    .boolean()
    .optional()
    .meta({ description: 'wait until somebody approved it with h2k approve', default: false }),
  verify: verify.optional().describe('by what it shows that it works, besides that it runs'),
  on_failure: z.enum(['rollback', 'keep']).optional().meta({
    description: 'what becomes of a machine that did not show it: switched off, or left as it is',
    default: 'rollback',
  }),
  shutdown_seconds: z.int().min(0).max(86_400).optional().meta({
    description: 'how long the source may take to shut down, and the machine when it is rolled back',
    default: 120,
  }),
})

/** `suspend`: the machine stays in git, and nothing is done with it. */
export const suspend = z.strictObject({
  until: z
    .union([moment(sometime), z.iso.date(sometime)])
    .optional()
    .describe('without it until the key is removed'),
  why: text.optional().describe('for the reader'),
})
