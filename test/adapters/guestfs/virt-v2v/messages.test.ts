import { describe, expect, it } from 'vitest'
import { readMessages } from '../../../../src/adapters/guestfs/virt-v2v/messages.ts'

describe('what virt-v2v says', () => {
  it('is warnings, which are kept, and errors', () => {
    const { errors, warnings } = readMessages(
      `[  29.6] Converting 12.15 to run on KVM
virt-v2v-in-place: warning: could not determine a way to update the
configuration of Grub2
virt-v2v-in-place: The QEMU Guest Agent will be installed for this guest at
first boot.
[  70.2] Closing the overlay
virt-v2v-in-place: error: inspection \u001b[31mfailed

If reporting bugs, run virt-v2v with debugging enabled`,
    )
    expect(warnings.map(({ evidence }) => evidence)).toEqual([
      'could not determine a way to update the configuration of Grub2',
    ])
    expect(errors).toEqual(['inspection \\u{1b}[31mfailed'])
  })

  it('is an error when a Windows would be left without its drivers', () => {
    const said = (text: string) => readMessages(`virt-v2v-in-place: warning: ${text}`).errors.length
    expect(said('there are no virtio drivers available for this version of Windows (10.0 x86_64 Client)')).toBe(1)
    expect(said('there is no virtio block device driver for this version of Windows')).toBe(1)
    expect(said('there is no virtio network driver for this version of Windows')).toBe(1)
    expect(said('QEMU Guest Agent MSI not found on tools ISO/directory')).toBe(0)
  })
})
