import type { Inspection } from './inspection.ts'
import { printable } from './printable.ts'
import type { Problem } from './problem.ts'

/** What comes after the inspection, and what it needs of the guest. */
interface Intended {
  readonly configures: boolean
  /** Images of the initramfs are made anew where they lack drivers. */
  readonly images: boolean
  /** What is changed is kept. */
  readonly copies: boolean
}

/** Why a guest is not worked on, before anything is copied: trouble then costs seconds and not hours. */
export function refuseGuest(
  { findings, family, title }: Pick<Inspection, 'findings' | 'family' | 'title'>,
  { configures, images, copies }: Intended,
): readonly Problem[] {
  const needed = [...(images ? ['guest.boot_space'] : []), ...(copies ? ['guest.root_space'] : [])]
  const problems = findings
    .filter(({ severity, rule }) => severity === 'error' || severity === 'critical' || needed.includes(rule))
    .map(({ rule, subject, evidence, hint }) => ({
      severity: 'error' as const,
      code: 'GUEST_REFUSED' as const,
      summary: `${rule}: ${subject}: ${evidence}`,
      ...(hint === undefined ? {} : { hint }),
    }))
  if (problems.length > 0 || !configures || family === 'linux') return problems
  return [
    {
      severity: 'error',
      code: 'NOT_BUILT',
      summary: `this version sets up Linux only, and the guest is ${printable(title || family)}`,
      hint: 'leave configuration out for this machine',
    },
  ]
}
