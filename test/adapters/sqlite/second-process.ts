import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { shippedMigrations } from './state-folder.ts'

/** Another h2k process that does as it is told. */
export interface SecondProcess {
  /** Tells it to do something; its answer. */
  tell(line: string): Promise<string>
  /** Its next line, without having asked. */
  answer(): Promise<string>
  signal(name: NodeJS.Signals): void
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>
}

const nodeWithChild = [process.execPath, join(import.meta.dirname, 'child.ts')]

interface Place {
  readonly folder: string
  readonly mode?: 'read' | 'write' | 'create'
  readonly leaseSeconds?: number
  /** Shell commands that run first, in a mount namespace of its own. */
  readonly mounts?: string
}

/** Starts the process; the state is opened by telling it `open`. */
export function secondProcess({ folder, mode = 'create', leaseSeconds = 30, mounts }: Place): SecondProcess {
  const argv = [...nodeWithChild, folder, shippedMigrations, mode, String(leaseSeconds)]
  const [file = '', ...args] =
    mounts === undefined ? argv : ['unshare', ...namespaces(), 'sh', '-ec', `${mounts}\nexec "$@"`, 'sh', ...argv]
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  onTestFinished(() => gone(child))
  const answer = async () => String((await lines.next()).value)
  return {
    answer,
    tell(line) {
      child.stdin.write(`${line}\n`)
      return answer()
    },
    signal: (name) => void child.kill(name),
    kill: () => gone(child),
  }
}

/** Why no process can have mounts of its own here; undefined when it can. */
export function mountsUnavailable(): string | undefined {
  const { status, stderr } = spawnSync('unshare', [...namespaces(), 'mount', '-t', 'tmpfs', 'none', '/mnt'])
  return status === 0 ? undefined : `unshare: ${stderr}`
}

function namespaces(): readonly string[] {
  return process.getuid?.() === 0 ? ['-m'] : ['-r', '-m']
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
