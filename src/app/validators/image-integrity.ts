import { copyAgain, type DiskValidator } from './disk-validator.ts'

/** Whether the image's own tables are sound. */
export const imageIntegrity: DiskValidator = {
  id: 'image_integrity',
  severity: 'critical',
  looksAt: 'image integrity',
  hint: copyAgain,
  wanted: ({ checkImage }) => checkImage,
  async check({ image }, { disks }, signal) {
    const { severity, evidence } = await disks.check(image, signal)
    return { ok: severity === 'info', severity, evidence }
  },
}
