import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { Steering } from './steering.ts'

/** What git says about how a machine's run goes, and not about the machine itself. */
export function resolveSteering(manifest: Manifest, issues: Issue[]): Steering {
  const { dry_run: dryRun = false, verbose = 0, report } = manifest.options ?? {}
  const path = report && report.enabled !== false ? (report.path ?? 'report.json') : undefined
  if (path !== undefined && leavesFolder(path)) {
    issues.push({
      code: 'VALUE_INVALID',
      path: ['options', 'report', 'path'],
      summary: 'options.report.path lies in the output folder',
      hint: 'give it without a leading / and without ..',
    })
  }
  return {
    dryRun,
    verbose,
    onRemove: manifest.on_remove ?? 'forget',
    ...(path === undefined ? {} : { report: path }),
  }
}

function leavesFolder(path: string): boolean {
  return path.startsWith('/') || path.split('/').some((part) => part === '..') || path.endsWith('/')
}
