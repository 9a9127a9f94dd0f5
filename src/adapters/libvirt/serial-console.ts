import type { DomainPlace } from '../../ports/domains.ts'
import type { Runner } from '../../ports/runner.ts'
import type { Signs } from './verification.ts'
import { virshEnvironment } from './virsh.ts'

// `virsh console` works on a terminal only, and Node cannot make one.
const onTerminal = `
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        said = os.read(terminal, 65536)
    except OSError:
        break
    if not said:
        break
    os.write(1, said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
`

// What virsh says once it is attached (`virsh-console.c`, `virsh-domain.c`), before anything of the guest.
const attached = /Escape character is [^\n]*\n/

/** Attaches to the first serial port of a domain. `environment` is h2k's own. */
export function serialConsole(
  runner: Pick<Runner, 'run'>,
  environment: Readonly<Record<string, string | undefined>>,
): Signs['attach'] {
  return async ({ uri, uuid }: DomainPlace, { onAttached, onText }, signal) => {
    let before: string | undefined = ''
    const onOutput = (text: string) => {
      if (before === undefined) return onText(text)
      before += text
      const found = attached.exec(before)
      if (!found) return
      const after = before.slice(found.index + found[0].length)
      before = undefined
      onAttached()
      onText(after)
    }
    const args = ['-c', onTerminal, 'virsh', '-c', uri, 'console', '--force', `--domain=${uuid}`]
    await runner.run({ file: 'python3', args, env: virshEnvironment(environment), onOutput }, signal)
  }
}
