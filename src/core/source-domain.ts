/** A domain in a libvirt whose disks are copied, and what its cutover does with it. */
export interface SourceDomain {
  readonly connection: string
  readonly uri: string
  /** What git calls it: counts where `uuid` is absent. */
  readonly name: string
  readonly uuid?: string
  /** `shutdown` never switches it off; `power_off` does when it does not shut down in time. */
  readonly action: 'none' | 'shutdown' | 'power_off'
}
