/** A domain in a libvirt whose disks are copied, and what its cutover does with it. */
export interface SourceDomain {
  readonly connection: string
  readonly uri: string
  /** What git calls it: counts where `uuid` is absent. */
  readonly name: string
  readonly uuid?: string
  /**
   * `shutdown` never switches it off; `power_off` does when it does not shut down in time. `tag` and `rename` mark one that
   * somebody else switched off.
   */
  readonly action: 'none' | 'shutdown' | 'power_off' | 'tag' | 'rename'
}

/** Whether its cutover switches a source off, so that it may run until then. */
export function switchesOff(source: Pick<SourceDomain, 'action'> | undefined): boolean {
  return source?.action === 'shutdown' || source?.action === 'power_off'
}
