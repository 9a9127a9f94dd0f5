/** The stages of one machine, in the order in which they run. */
export const stageNames = [
  'preflight',
  'export',
  'inspect',
  'fix',
  'convert',
  'validate',
  'publish',
  'boot_test',
] as const
export type StageName = (typeof stageNames)[number]

export function isStageName(text: string): text is StageName {
  return (stageNames as readonly string[]).includes(text)
}
