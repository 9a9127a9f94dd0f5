import type { Runner } from '../../../ports/runner.ts'
import { endOfGroup } from '../program.ts'
import { findPython } from '../python.ts'

// The last part of what it prints is enough to find its messages in.
const keptCharacters = 256 * 1024

/**
 * For `python3 -c`: runs the argv that the first line of input gives, answers its exit code on file descriptor 3, and at the
 * end of the input ends it with all that it started. The kernel alone would end a virt-v2v whose h2k is killed, and leave its
 * qemu-nbd behind, which holds the overlay.
 */
const supervisor = `
import json, os, signal, subprocess, sys, threading, time

os.set_inheritable(3, False)
${endOfGroup}
def listen():
    sys.stdin.buffer.read()
    end_group()
    os._exit(0)

signal.signal(signal.SIGTERM, lambda *_: None)
argv = json.loads(sys.stdin.buffer.readline())
threading.Thread(target=listen, daemon=True).start()
code = subprocess.run(argv, stdin=subprocess.DEVNULL).returncode
# What it started for the disks ends by itself, when it has written all.
for _ in range(100):
    if not any(members()):
        break
    time.sleep(0.1)
try:
    os.write(3, (json.dumps(code) + "\\n").encode())
except OSError:
    pass # h2k is gone: the listener ends this process when it has ended the others.
while True:
    signal.pause()
`

interface Supervised {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  /** Called with each piece of what it prints, on either stream. */
  readonly onOutput: (text: string) => void
}

/**
 * Runs a tool that starts others, all of which end with h2k, however that ends. A negative code is a signal's.
 * @throws ProblemError TOOL_TIMEOUT, TOOL_FAILED; the signal's reason when aborted
 */
export async function supervise(
  runner: Runner,
  { argv, env, timeoutSeconds, onOutput }: Supervised,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  let output = ''
  const keep = (text: string) => {
    output = (output + text).slice(-keptCharacters)
    onOutput(text)
  }
  const conversation = runner.converse(
    { file: findPython(), args: ['-B', '-u', '-c', supervisor], env, onOutput: keep, onErrorOutput: keep },
    signal,
  )
  try {
    const exitCode = Number(await conversation.ask(JSON.stringify(argv), timeoutSeconds))
    return { exitCode, output }
  } finally {
    await conversation.end()
  }
}
