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

/** What people do with a machine whose stages are done, each by a command of its own; recorded as stages are. */
export const deedNames = ['approval', 'cutover', 'source_off', 'rollback'] as const
export type DeedName = (typeof deedNames)[number]

/** Whatever the state records attempts at. */
export type RecordedName = StageName | DeedName

export function isDeedName(text: string): text is DeedName {
  return (deedNames as readonly string[]).includes(text)
}

export function isStageName(text: string): text is StageName {
  return (stageNames as readonly string[]).includes(text)
}
