import { stripVTControlCharacters } from 'node:util'
import type { BootSign } from '../../core/outputs.ts'

/** What a guest's serial port shows of its boot. */
export type SerialSign =
  | { readonly up: true; readonly sign: BootSign; readonly saw: string }
  | { readonly up: false; readonly saw: string }

export interface SerialPort {
  /** Takes what the guest printed. */
  take(text: string): SerialSign | undefined
  /** All of it, or its beginning and its end. */
  text(): string
  /** The last lines, without control characters. */
  lastLines(count: number): string
}

const keptCharacters = 512 * 1024
// Enough for a sign that arrives in pieces.
const window = 4096

const loginPrompt = /^(?!last )[^\n]{0,100}\blogin: ?$/im
/** How Linux, its initramfs tools, systemd and GRUB say that they go no further: whole lines, and prompts. */
const dead =
  /(?:Kernel panic - not syncing|You are in emergency mode|error: no such device)[^\n]*\n|^(?:\(initramfs\)|dracut:\/#|grub rescue>)/m

/** Watches for `expect`, or for a login prompt without it, and for signs that neither will come. */
export function serialPort(expect: string | undefined): SerialPort {
  let head = ''
  let tail = ''
  let dropped = 0
  let recent = ''
  const kept = Math.max(window, (expect?.length ?? 0) * 2)
  return {
    take(text) {
      const room = keptCharacters - head.length
      head += text.slice(0, room)
      const after = tail + text.slice(Math.max(room, 0))
      tail = after.slice(-keptCharacters)
      dropped += after.length - tail.length
      recent = (recent + text).slice(-kept - text.length)
      return signIn(recent, expect)
    },
    text: () => head + (dropped > 0 ? `\n[${dropped} characters left out]\n` : '') + tail,
    lastLines(count) {
      const lines = plain(recent).split('\n')
      return lines
        .map((line) => line.trim())
        .filter(Boolean)
        .slice(-count)
        .join('\n')
    },
  }
}

function signIn(raw: string, expect: string | undefined): SerialSign | undefined {
  const text = plain(raw)
  const found = expect === undefined ? loginPrompt.exec(text)?.index : indexOf(text, expect)
  if (found !== undefined) {
    return { up: true, sign: expect === undefined ? 'login prompt' : 'expected text', saw: lineAt(text, found) }
  }
  const stuck = dead.exec(text)
  return stuck ? { up: false, saw: lineAt(text, stuck.index) } : undefined
}

function indexOf(text: string, part: string): number | undefined {
  const index = text.indexOf(part)
  return index === -1 ? undefined : index
}

function lineAt(text: string, index: number): string {
  const begin = text.lastIndexOf('\n', index) + 1
  const end = text.indexOf('\n', index)
  return text
    .slice(begin, end === -1 ? undefined : end)
    .trim()
    .slice(0, 200)
}

// UEFI sets its screen's mode by `ESC [ = 3 h`, which is no standard sequence.
const screenMode = new RegExp(`${String.fromCharCode(27)}\\[=\\d+h`, 'g')

function plain(text: string): string {
  return stripVTControlCharacters(text.replace(screenMode, '')).replaceAll('\r', '')
}
