import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

// Draws docs/plan-and-apply.svg: what the demo's plan and apply say in a terminal. Run `npm run demo` first.
const demo = resolve('demo')
const columns = 118
const colors: Readonly<Record<string, string>> = { 31: '#e06c75', 32: '#98c379', 33: '#e5c07b', 36: '#56b6c2' }

for (const made of ['.h2k', 'output']) rmSync(`${demo}/${made}`, { recursive: true, force: true })
const lines = ['plan', 'apply --auto-approve', 'state show machine.web01'].flatMap((command, index) => {
  const shown = onTerminal(index === 1 ? `${command} | cat` : command)
  // The plan that apply shows first is the one above.
  const from = index === 1 ? shown.findIndex((line) => line.startsWith('apply:')) : 0
  return [`\u001b[1m$ h2k ${command}\u001b[22m`, ...shown.slice(from), '']
})
writeFileSync('docs/plan-and-apply.svg', svg(lines))

function onTerminal(command: string): string[] {
  const { stdout, status } = spawnSync(
    'script',
    ['-qec', `stty cols ${columns} rows 60; ${resolve('bin/h2k')} ${command}`, '/dev/null'],
    { cwd: demo, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`h2k ${command} ended with ${status}: ${stdout}`)
  // Long digests and this checkout's own folder are nothing to look at.
  const shown = stdout
    .replaceAll('\r', '')
    .replaceAll(`${demo}/`, '')
    .replace(/([0-9a-f]{16})[0-9a-f]{48}/g, '$1…')
  return shown.trimEnd().split('\n').map(withoutMovement)
}

function withoutMovement(line: string): string {
  return line.replace(/\u001b\[[0-9;?]*[A-HJKSTfhl]/g, '').trimEnd()
}

function svg(text: readonly string[]): string {
  const height = 24 + text.length * 18
  const rows = text.map(
    (line, index) => `<text x="16" y="${30 + index * 18}" xml:space="preserve">${spans(line)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${32 + columns * 7.9} ${height + 16}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13" fill="#d7dae0">
<rect width="100%" height="100%" rx="8" fill="#1e2127"/>
${rows.join('\n')}
</svg>
`
}

function spans(line: string): string {
  let color = ''
  let bold = false
  let dim = false
  return line
    .split(/(\u001b\[\d+m)/)
    .map((part) => {
      const code = part.match(/^\u001b\[(\d+)m$/)?.[1]
      if (code === undefined) return part && `<tspan${attributes(color, bold, dim)}>${escaped(part)}</tspan>`
      if (code in colors) color = colors[code] ?? ''
      if (code === '39') color = ''
      if (code === '1') bold = true
      if (code === '2') dim = true
      if (code === '22') bold = dim = false
      return ''
    })
    .join('')
}

function attributes(color: string, bold: boolean, dim: boolean): string {
  return `${color && ` fill="${color}"`}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
