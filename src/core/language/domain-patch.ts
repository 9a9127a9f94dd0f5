import { z } from 'zod'

/** An item of `domain_patch`. */
const patch = z
  .strictObject({
    op: z.enum(['add', 'replace', 'remove']).describe('add puts an attribute or element where there is none'),
    path: z
      .string()
      .min(1)
      .describe(
        "into the domain’s XML, such as /devices/video/model/@type or /devices/disk[serial='data']/driver/@cache",
      ),
    value: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('of an attribute or the text of an element, or an element as XML; for remove there is none'),
  })
  .refine(({ op, value }) => op === 'remove' || value !== undefined, { path: ['value'], message: 'value is missing' })
  .refine(({ op, value }) => op !== 'remove' || value === undefined, {
    path: ['value'],
    message: 'value has no effect with op: remove',
  })

/** `domain_patch` */
export const domainPatch = z.array(patch)
