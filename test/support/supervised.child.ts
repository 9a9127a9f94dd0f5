import { createRunner } from '../../src/adapters/exec/runner.ts'
import { supervise } from '../../src/adapters/guestfs/virt-v2v/supervise.ts'

/** `node supervised.child.ts SCRIPT`: supervises a bash, as a repair does virt-v2v. */
await supervise(
  createRunner(),
  {
    argv: ['bash', '-c', process.argv[2] ?? ''],
    env: { PATH: process.env.PATH ?? '' },
    timeoutSeconds: 60,
    onOutput: (text) => process.stdout.write(text),
  },
  new AbortController().signal,
)
