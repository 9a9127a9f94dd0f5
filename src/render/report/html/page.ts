import { hash } from 'node:crypto'
import type { RunReport } from '../../../core/language/run-report.ts'
import { headline, momentText, planWord } from '../words.ts'
import { escapeHtml } from './escape.ts'
import { failures } from './failures.ts'
import { figures } from './figures.ts'
import { machines } from './machines.ts'
import { stylesheet } from './stylesheet.ts'
import { partsTable, wavesTable } from './tables.ts'
import { timeline } from './timeline.ts'

/** A report as one page that fetches nothing, runs nothing, and is allowed neither. */
export function reportHtml(report: RunReport): string {
  const { run, workspace } = report
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash('sha256', stylesheet, 'base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const facts = [
    ['run', run.id],
    ['command', `h2k ${run.command} ${run.h2k_version}`],
    ['by', run.who],
    ['commit', run.commit ?? 'none'],
    ['plan', planWord(run)],
    ['begun', `${momentText(run.started_at)} UTC`],
    ['ended', run.finished_at === null ? '' : `${momentText(run.finished_at)} UTC`],
  ].filter(([, value]) => value !== '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(workspace)}: migration report</title>
<style>${stylesheet}</style>
</head>
<body>
<header>
<p class="kind">Migration report</p>
<h1>${escapeHtml(workspace)} <span class="pill ${run.outcome}">${run.outcome}</span></h1>
<p class="headline">${escapeHtml(headline(report))}</p>
<dl class="facts">${facts.map(([name, value = '']) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
</header>
<main>
${[figures(report), failures(report), wavesTable(report), timeline(report), partsTable(report), machines(report)]
  .filter((section) => section !== '')
  .join('\n')}
</main>
<footer>Written by h2k from what its state recorded. Times are UTC.</footer>
</body>
</html>
`
}
