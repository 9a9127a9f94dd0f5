import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

const script = resolve('scripts/private-libvirtd.sh')

/** A libvirtd of its own, and what a test does to it behind h2k's back. */
export interface TestLibvirt {
  readonly uri: string
  /** Its own folder: `lib/qemu/nvram`, `log` and so on are in it. */
  readonly folder: string
  virsh(...args: readonly string[]): string
  /** Runs a command as root where libvirtd is, whose mounts nobody else sees. */
  enter(...command: readonly string[]): void
  /** Defines a domain of its XML. */
  define(xml: string): void
  /** The domain as it is defined. */
  xml(name: string): string
  stop(): void
  /** Ends the daemon as a crash would. */
  kill(): void
  start(): void
}

/** Starts a private libvirtd, which ends with the tests of the file. */
export function startLibvirt(port?: number): TestLibvirt {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-libvirt-'))
  const control = (what: string) =>
    execFileSync(script, [what, folder, ...(what === 'start' && port !== undefined ? [String(port)] : [])], {
      encoding: 'utf8',
    }).trim()
  const uri = control('start')
  const virsh = (args: readonly string[]) =>
    execFileSync('virsh', ['-q', '-c', uri, ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  afterAll(() => {
    control('stop')
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    uri,
    folder,
    virsh: (...args) => virsh(args),
    enter(...command) {
      const pid = readFileSync(join(folder, 'libvirtd.pid'), 'utf8').trim()
      execFileSync('nsenter', [`--target=${pid}`, '--mount', ...command])
    },
    define(xml) {
      const file = join(folder, 'wanted.xml')
      writeFileSync(file, xml)
      virsh(['define', file])
    },
    xml: (name) => virsh(['dumpxml', '--inactive', '--', name]),
    stop: () => void control('stop'),
    kill: () => void control('kill'),
    start: () => void control('start'),
  }
}

/** A PATH on which virsh kills whoever called it, once such a command is done. */
export function virshThatKills(command: string): string {
  return virshWith(command, { after: 'kill -9 $PPID; sleep 5' })
}

/** A PATH on which somebody does something else just before or after such a command of virsh: lines of a shell. */
export function virshWith(command: string, { before = ':', after = ':' }: { before?: string; after?: string }): string {
  const bin = mkdtempSync(join(tmpdir(), 'h2k-bin-'))
  onTestFinished(() => rmSync(bin, { recursive: true, force: true }))
  const real = execFileSync('which', ['virsh'], { encoding: 'utf8' }).trim()
  const at = (lines: string) => `case "$*" in *"${command}"*) ${lines} ;; esac\n`
  const script = `#!/bin/sh\nvirsh() { ${real} "$@"; }\n${at(before)}${real} "$@" || exit $?\n${at(after)}`
  writeFileSync(join(bin, 'virsh'), script, { mode: 0o755 })
  return `${bin}:${process.env.PATH}`
}
