import type { Finding } from '../../../core/outputs.ts'
import { printable } from '../../../core/printable.ts'

const said = /^virt-v2v-in-place: (warning|error): /
// Something else that it says, or how far it is.
const other = /^(virt-v2v-in-place: |\[ *\d+\.\d\] )/

// Without these a Windows is left with devices that the target does not have. virt-v2v calls it a success.
const fatal = /^there (are no virtio drivers available|is no virtio (block device|network) driver)/

export interface Messages {
  readonly errors: readonly string[]
  readonly warnings: readonly Finding[]
}

/** What virt-v2v-in-place warned of and failed by, each in one line. A message goes on in lines until an empty one. */
export function readMessages(output: string): Messages {
  const errors: string[] = []
  const warnings: Finding[] = []
  for (const { kind, text } of messages(output)) {
    if (kind === 'error' || fatal.test(text)) errors.push(text)
    else warnings.push({ rule: 'virt_v2v.warning', severity: 'warning', subject: 'virt-v2v-in-place', evidence: text })
  }
  return { errors, warnings }
}

function messages(output: string): readonly { readonly kind: string; readonly text: string }[] {
  const found: { kind: string; lines: string[]; open: boolean }[] = []
  for (const line of output.split('\n')) {
    const kind = line.match(said)?.[1]
    const last = found.at(-1)
    if (kind !== undefined) found.push({ kind, lines: [line.replace(said, '')], open: true })
    else if (last?.open && line.trim() !== '' && !other.test(line)) last.lines.push(line.trim())
    else if (last) last.open = false
  }
  return found.map(({ kind, lines }) => ({ kind, text: printable(lines.join(' ')) }))
}
