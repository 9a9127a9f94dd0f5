import type { Problem } from '../core/problem.ts'
import { problemsOf } from '../core/problem.ts'
import type { Files } from '../ports/files.ts'

// A run that was told to stop still says how it ended.
const never = new AbortController().signal

/**
 * Writes a report, whole or not at all; only one of h2k's own is replaced, told by how it begins. What keeps it from being
 * written is a warning: the work that it is about is done.
 */
export async function writeReport(
  path: string,
  content: string,
  mark: string,
  files: Pick<Files, 'exists' | 'beginning' | 'writeWhole'>,
): Promise<readonly Problem[]> {
  if (files.exists(path) && !files.beginning(path, mark.length * 4)?.startsWith(mark)) {
    const summary = `${path} exists, and h2k did not write it: it is not replaced`
    return [{ severity: 'warning', code: 'OUTPUT_NOT_OURS', summary, hint: 'move it away' }]
  }
  try {
    await files.writeWhole(path, content, never)
    return []
  } catch (error) {
    const known = problemsOf(error)
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (known) return known.map((problem) => ({ ...problem, severity: 'warning' }))
    if (code === undefined) throw error
    return [{ severity: 'warning', code: 'OUTPUT_UNWRITABLE', summary: `${path} cannot be written: ${code}` }]
  }
}

/** A report as a file, and how each of them begins. */
export function reportText(report: { readonly h2k_report: string }): { readonly text: string; readonly mark: string } {
  return { text: `${JSON.stringify(report, null, 2)}\n`, mark: '{\n  "h2k_report": "1.' }
}
