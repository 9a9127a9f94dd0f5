import type { Command, Errors } from '@oclif/core'
import { nearest } from '../core/nearest.ts'
import { brief, printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'

type Wording = readonly [pattern: RegExp, words: (...found: string[]) => string]

// What oclif says, and how h2k says it; the first that fits.
const wordings: readonly Wording[] = [
  [/^Nonexistent flags?: (.*)/s, (flags) => `there is no flag ${flags}`],
  [/^Flag (-\S+) expects a value/, (flag) => `${flag} takes a value`],
  [/^Unexpected arguments?: (.*)/s, (args) => `nothing takes the argument ${args}`],
  [
    /^Expected (--\S+?)=(.*) to be one of: (.*)/s,
    (flag, input, options) => `${flag}: "${input}" is none of ${options}`,
  ],
  [/^Expected (.*) to be one of: (.*)/s, (input, options) => `"${input}" is none of ${options}`],
  [
    /^Parsing (--\S+)\s+Expected an integer but received: (.*)/s,
    (flag, input) => `${flag}: "${input}" is no whole number`,
  ],
  [
    /^Parsing (--\S+)\s+Expected an integer greater than or equal to (\S+)/,
    (flag, least) => `${flag} is at least ${least}`,
  ],
  [/^Parsing (--\S+)\s+Expected an integer less than or equal to (\S+)/, (flag, most) => `${flag} is at most ${most}`],
]

/** Bad usage of a command, in the words that h2k has for everything else. */
export function usageProblem(error: Errors.CLIError, id: string, flags: Command.Class['flags']): Problem {
  const message = error.message.replace(/\n?See more help with --help$/, '').trim()
  const [words, found] = wordings.flatMap(([pattern, say]) => {
    const match = pattern.exec(message)
    return match ? [[say, match.slice(1)] as const] : []
  })[0] ?? [undefined, []]
  const summary = words ? words(...found) : (missingArguments(error) ?? message.split('\n').join(' · '))
  return { severity: 'error', code: 'USAGE', summary: printable(summary), hint: hintOn(error, id, flags) }
}

function missingArguments(error: object): string | undefined {
  if (!('args' in error) || !Array.isArray(error.args)) return undefined
  const names = error.args.map((arg: { readonly name?: string }) => arg.name?.toUpperCase() ?? '')
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing`
}

function hintOn(error: object, id: string, known: Command.Class['flags']): string {
  const [wrong] = 'flags' in error && Array.isArray(error.flags) ? error.flags : []
  const near = typeof wrong === 'string' ? nearest(wrong.replace(/^-+/, ''), Object.keys(known)) : undefined
  return near === undefined ? `h2k ${id.replaceAll(':', ' ')} --help` : `did you mean --${near}?`
}

/** Words that name no command. */
export function commandProblem(argv: readonly string[], commands: readonly string[]): Problem {
  const end = argv.findIndex((word) => word.startsWith('-'))
  const words = end === -1 ? argv : argv.slice(0, end)
  const known = words.findLastIndex((_, index) => commands.includes(words.slice(0, index + 1).join(':')))
  const problem = (summary: string, hint: string): Problem => ({ severity: 'error', code: 'USAGE', summary, hint })
  if (known !== -1) {
    const command = `h2k ${words.slice(0, known + 1).join(' ')}`
    return problem(`${command} takes no "${brief(words[known + 1] ?? '')}"`, `${command} --help`)
  }
  if (words.length === 0) return problem(`there is no flag ${brief(argv[0] ?? '')} before a command`, 'h2k --help')
  const name = words.join(':')
  const near = nearest(name, commands) ?? nearest(words[0] ?? '', commands)
  const hint = near === undefined ? 'h2k --help' : `did you mean "h2k ${near.replaceAll(':', ' ')}"?`
  return problem(`there is no command "${brief(words.join(' '))}"`, hint)
}
