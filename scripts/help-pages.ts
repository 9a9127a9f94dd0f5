import { mkdirSync, writeFileSync } from 'node:fs'
import { Config, Help } from '@oclif/core'

// Writes the help of every command, in colour and for 80 columns, as oclif composes it: `help-pages.ts`, with FORCE_COLOR=1
// and an output that is no terminal. To show one then takes no oclif, two thirds of the time.
class Page extends Help {
  text = ''
  protected override log(...lines: string[]): void {
    this.text += `${lines.join(' ')}\n`
  }
}

const config = await Config.load({ root: `${import.meta.dirname}/..` })
mkdirSync('dist/help')
for (const id of config.commandIDs) {
  const page = new Page(config)
  await page.showHelp([id])
  writeFileSync(`dist/help/${id.replaceAll(':', '-')}.txt`, page.text)
}
