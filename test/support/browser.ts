import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { temporaryFolder } from './machines.ts'

/** What a browser makes of a page. */
export interface Seen {
  /** By how many pixels it would have to be scrolled sideways. */
  readonly overflow: number
  readonly background: string
  /** Files that it fetched besides itself. */
  readonly fetched: number
  readonly title: string
  /** By which a stylesheet that was refused shows. */
  readonly maxWidth: string
  readonly lanes: number
  readonly bars: number
  /** Machines whose part is open after the first link of the timeline was followed. */
  readonly opened: number
}

const look = `
const page = document.querySelector('iframe')
page.onload = () => {
  const { document: inside, performance: timing } = page.contentWindow
  const style = page.contentWindow.getComputedStyle(inside.body)
  inside.querySelector('.lane')?.click()
  setTimeout(() => {
    document.querySelector('pre').textContent = JSON.stringify({
      overflow: inside.documentElement.scrollWidth - inside.documentElement.clientWidth,
      background: style.backgroundColor,
      fetched: timing.getEntriesByType('resource').length,
      title: inside.title,
      maxWidth: style.maxWidth,
      lanes: inside.querySelectorAll('.lane').length,
      bars: [...inside.querySelectorAll('.lane rect')].filter((bar) => bar.getBoundingClientRect().width > 0).length,
      opened: inside.querySelectorAll('details:target').length,
    })
  }, 50)
}`

/** Opens an HTML file in Chromium, in a window so many pixels wide, and looks at it. */
export async function browse(path: string, width: number, scheme: 'light' | 'dark'): Promise<Seen> {
  const folder = temporaryFolder()
  const frame = join(folder, 'frame.html')
  writeFileSync(
    frame,
    `<!doctype html><iframe src="file://${path}" width="${width}" height="2000"></iframe><pre></pre><script>${look}</script>`,
  )
  const { stdout } = await execa('chromium', [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--allow-file-access-from-files',
    `--user-data-dir=${join(folder, 'profile')}`,
    `--blink-settings=preferredColorScheme=${scheme === 'dark' ? 0 : 1}`,
    '--virtual-time-budget=10000',
    '--dump-dom',
    `file://${frame}`,
  ])
  return JSON.parse(/<pre>(.*)<\/pre>/s.exec(stdout)?.[1] ?? '')
}
