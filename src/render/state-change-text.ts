import { addressOf } from '../core/address.ts'
import { printable } from '../core/printable.ts'

interface Change {
  readonly backup: string
  readonly stays: readonly string[]
}

const shownPaths = 20

interface Removed extends Change {
  readonly sourcesOff: readonly { readonly name: string; readonly uri: string }[]
}

/** What `h2k state rm` did. */
export function removedText(names: readonly string[], { stays, sourcesOff, backup }: Removed): string {
  return [
    ...names.map((name) => `${addressOf(name)} is no longer in the state.`),
    ...(stays.length === 0 ? [] : ['These stay, and h2k will neither replace nor remove them:', ...pathLines(stays)]),
    ...sourcesOff.map(({ name, uri }) => {
      return `! A cutover that did not end may have switched off its source, the domain ${printable(name)} of ${printable(uri)}: start it yourself.`
    }),
    backupLine(backup),
  ].join('\n')
}

/** What `h2k state mv` did, and what is left to do. */
export function renamedText(
  from: string,
  to: string,
  { stays, backup }: Change,
  next: 'unknown' | 'not planned' | 'copied again' | 'kept',
): string {
  const then = {
    unknown: `No manifest is called ${addressOf(to)} yet: rename it in git.`,
    'not planned': 'h2k plan shows what keeps it from being planned.',
    'copied again': 'As its manifest stands, h2k apply copies its disks again: h2k plan says why.',
    kept: 'h2k apply copies nothing again.',
  }[next]
  return [
    `${addressOf(from)} is ${addressOf(to)} now.`,
    ...(stays.length === 0 ? [] : ['These keep their names:', ...pathLines(stays)]),
    then,
    backupLine(backup),
  ].join('\n')
}

function pathLines(paths: readonly string[]): readonly string[] {
  const rest = paths.length - shownPaths
  return [
    ...paths.slice(0, shownPaths).map((path) => `  ${printable(path)}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ]
}

function backupLine(backup: string): string {
  return `The state before is in ${printable(backup)}.`
}
