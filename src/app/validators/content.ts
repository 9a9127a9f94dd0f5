import { copyAgain, type DiskValidator } from './disk-validator.ts'

/** Whether the guest sees the same bytes as in what was copied: the source, or the overlay in which it was repaired. */
export const content: DiskValidator = {
  id: 'content',
  severity: 'critical',
  looksAt: 'every byte against the source',
  hint: copyAgain,
  wanted: ({ compareSource }) => compareSource,
  async check({ image, source }, { disks }, signal) {
    if (!source) throw new Error('there is nothing to compare with')
    const { severity, evidence } = await disks.compare(source, image, signal)
    return { ok: severity === 'info', evidence }
  },
}
