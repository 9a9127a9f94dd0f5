import type { MachineSource } from '../../core/machine.ts'
import { isAddress } from '../../core/source-address.ts'
import type { Source } from '../../ports/source.ts'

type Sources = Readonly<Record<MachineSource['provider'] | 'web', Omit<Source, 'identities'>>> & {
  readonly web: Source
}

/** One source that asks the one that a machine names: on this host, or on a web server. */
export function createSource(sources: Sources): Source {
  const of = (source: MachineSource, diskPaths: readonly string[]) => {
    const paths = source.provider === 'local' ? diskPaths : [source.path]
    return paths.some(isAddress) ? sources.web : sources[source.provider]
  }
  const pathsOf = (disks: readonly { readonly from: { readonly path: string } }[]) => disks.map(({ from }) => from.path)
  return {
    observe: (source, diskPaths, signal) => of(source, diskPaths).observe(source, diskPaths, signal),
    identities: (addresses, signal) => sources.web.identities(addresses, signal),
    measure: (source, disks, signal) => of(source, pathsOf(disks)).measure(source, disks, signal),
    export: (input, work) => of(input.source, pathsOf(input.disks)).export(input, work),
  }
}
