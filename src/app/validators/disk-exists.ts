import { copyAgain, type DiskValidator } from './disk-validator.ts'

/** Whether the disk is where it was written. */
export const diskExists: DiskValidator = {
  id: 'disk_exists',
  severity: 'critical',
  looksAt: 'presence',
  hint: copyAgain,
  async check({ image }, { files }) {
    const ok = files.exists(image.path)
    return { ok, evidence: ok ? 'it is there' : `${image.path} is missing` }
  },
}
