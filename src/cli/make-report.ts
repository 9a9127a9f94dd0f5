import { reportRun } from '../app/report-run.ts'
import type { RunReport } from '../core/language/run-report.ts'
import { reportCsv } from '../render/report/csv.ts'
import type { ReportFormat } from '../render/report/formats.ts'
import { reportHtml } from '../render/report/html/page.ts'
import { reportMarkdown } from '../render/report/markdown.ts'
import { reportText } from '../render/report/text.ts'
import { connectWorkspace } from './connect-workspace.ts'

/** The report of a run of a workspace, as data and in a format. Changes nothing. */
export async function makeReport(
  folder: string,
  run: string | undefined,
  format: ReportFormat,
  color: boolean,
): Promise<{ readonly report: RunReport; readonly text: string }> {
  const session = await connectWorkspace(folder)
  const state = session.openState('read')
  try {
    const report = reportRun(run, state, session.context)
    return { report, text: written(report, format, color) }
  } finally {
    state.close()
  }
}

function written(report: RunReport, format: ReportFormat, color: boolean): string {
  switch (format) {
    case 'text':
      return reportText(report, color)
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`
    case 'markdown':
      return reportMarkdown(report)
    case 'csv':
      return reportCsv(report)
    case 'html':
      return reportHtml(report)
  }
}
