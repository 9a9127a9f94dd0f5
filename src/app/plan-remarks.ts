import type { Decision } from '../core/decision.ts'
import { printable } from '../core/printable.ts'
import type { Artifact } from '../core/record.ts'
import { shownPath } from '../core/relocate.ts'
import type { StageName } from '../core/stage-names.ts'
import type { Context } from './context.ts'
import type { Subject } from './stage.ts'
import { type Known, soundCopies } from './whereabouts.ts'

/** What a reader of a stage's lines would not expect: disks that are there already, and files that stay behind. */
export function remarksOn(
  stage: StageName,
  decision: Decision,
  { machine }: Subject,
  context: Context,
  known: Known,
): readonly string[] {
  const shown = (path: string) => printable(shownPath(path, context.root))
  if (stage === 'convert' && decision.run && decision.why === 'first') {
    return machine.disks
      .filter(({ id, to }) => soundCopies({ id, path: to.path }, context.files, known).length > 0)
      .map(({ to }) => `${shown(to.path)} is there from before, and is kept if it is still what git wants`)
  }
  if (stage !== 'publish') return []
  const left = leftBehind(machine, context, known).map(({ path }) => shown(path))
  return left.length > 0 ? [`stays behind, and h2k destroy knows it: ${left.join(', ')}`] : []
}

/** Finished files of the machine under names that it no longer uses, and from which nothing is moved. */
function leftBehind(machine: Subject['machine'], context: Context, known: Known): readonly Artifact[] {
  const { files, target } = context
  const used = new Set([
    ...target.paths(machine.target),
    ...machine.disks.flatMap(({ id, to, place }) => [
      to.path,
      ...(place.kind === 'file' ? [place.path] : []),
      ...soundCopies({ id, path: to.path }, files, known).map(({ path }) => path),
    ]),
  ])
  return known.artifacts().filter(({ stage, status, path }) => {
    const finished = status === 'made' && (stage === 'convert' || stage === 'publish')
    return finished && path.startsWith('/') && !used.has(path) && files.exists(path)
  })
}
