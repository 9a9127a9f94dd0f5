import type { Issue } from '../core/language/check.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import type { FileIssue, Layer } from '../core/layer.ts'
import { issuesInFiles } from '../core/origin.ts'
import type { Problem } from '../core/problem.ts'
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
