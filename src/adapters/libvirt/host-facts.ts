import type { Clock } from '../../ports/clock.ts'
import { createMemory } from './memory.ts'
import type { Virsh } from './virsh.ts'

// What a host can do is the same for all machines of a run.
const facts: ReadonlySet<string | undefined> = new Set(['capabilities', 'domcapabilities', 'version'])

/** Asks a libvirt once for many machines what its host can do. */
export function rememberHosts(clock: Clock, connect: (uri: string) => Virsh): (uri: string) => Virsh {
  const told = createMemory<string>(clock)
  return (uri) => {
    const virsh = connect(uri)
    return {
      ...virsh,
      run(args, signal, options) {
        const ask = () => virsh.run(args, signal, options)
        return facts.has(args[0]) ? told.recall([uri, ...args].join(' '), ask) : ask()
      },
    }
  }
}
