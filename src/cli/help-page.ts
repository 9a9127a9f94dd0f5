import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { packageRoot } from './package-root.ts'

/** What the pages are written for. */
const pageColumns = 80

/** Where help goes. */
export type HelpOutput = Pick<Partial<NodeJS.WriteStream>, 'columns' | 'hasColors'>

/**
 * The help that these words ask for, as it was written when h2k was built: to compose it takes three times as long.
 * @returns undefined for other words, and where the page does not fit: a narrow terminal, or colours that were asked for
 */
export function helpPage(words: readonly string[], output: HelpOutput): string | undefined {
  const { FORCE_COLOR, OCLIF_COLUMNS } = process.env
  const command = words.slice(0, -1)
  if (words.at(-1) !== '--help' || command.length === 0 || !command.every((word) => /^[a-z]+$/.test(word)))
    return undefined
  if ((output.columns ?? pageColumns) < pageColumns || FORCE_COLOR !== undefined || OCLIF_COLUMNS) return undefined
  const path = join(packageRoot, 'dist/help', `${command.join('-')}.txt`)
  if (!existsSync(path)) return undefined
  const page = readFileSync(path, 'utf8')
  return output.hasColors?.() ? page : stripVTControlCharacters(page)
}
