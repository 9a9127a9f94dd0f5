import type { FileIdentity } from '../core/image.ts'
import type { FoundMachine } from './find-machine.ts'

/**
 * Files of a machine's source that were written to after a disk that should be a copy of it: what came since is not on that disk.
 * Pairs of paths, absolute. Only files of this host have a time.
 */
export function newerSources({
  subject,
  disks,
}: Pick<FoundMachine, 'subject' | 'disks'>): readonly { readonly source: string; readonly disk: string }[] {
  const copies = disks.map(({ original, file }) => original?.file ?? file).filter(isHere)
  return subject.sourceFiles.filter(isHere).flatMap((source) => {
    const older = copies.find(({ modified }) => BigInt(modified) < BigInt(source.modified))
    return older ? [{ source: source.path, disk: older.path }] : []
  })
}

function isHere({ path }: FileIdentity): boolean {
  return path.startsWith('/')
}
