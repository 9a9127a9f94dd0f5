import type { Issue } from '../core/language/check.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import type { FileIssue, Layer, Path } from '../core/layer.ts'
import { issuesInFiles } from '../core/origin.ts'
import { printable } from '../core/printable.ts'
import { type Problem, ProblemError, problemsOf } from '../core/problem.ts'
import type { WorkspaceFiles } from '../ports/workspace-files.ts'

/** Gives findings their line and column, each in its own file. */
export function placedInFiles(issues: readonly FileIssue[], files: WorkspaceFiles): readonly Problem[] {
  const names = [...new Set(issues.map(({ file }) => file))]
  return names.flatMap((name) => {
    const ofFile = issues.filter(({ file }) => file === name).map(({ file: _, ...issue }) => issue)
    return [...placeIssues(ofFile, files.read(name), name)]
  })
}

/** Puts findings on merged layers where a person has to edit. */
export function placedInLayers(
  issues: readonly Issue[],
  layers: readonly Layer[],
  files: WorkspaceFiles,
): readonly Problem[] {
  return placedInFiles(issuesInFiles(issues, layers), files)
}

/** Where a file is named. */
export interface FileUse {
  readonly file: string
  readonly path: Path
}

/** Reads a file that another one names. @throws ProblemError: one that cannot be read is told where it is named */
export function readNamed<T>(read: () => T, { file, path }: FileUse, files: WorkspaceFiles): T {
  try {
    return read()
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    throw new ProblemError(
      problems.flatMap((problem): readonly Problem[] => {
        const { at, severity: _, ...rest } = problem
        if (at?.line !== undefined) return [problem]
        return placedInFiles(
          [{ ...rest, summary: `${printable(at?.file ?? 'a file')}: ${rest.summary}`, file, path }],
          files,
        )
      }),
    )
  }
}
