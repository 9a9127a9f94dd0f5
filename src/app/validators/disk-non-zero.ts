import { formatBytes } from '../../core/units.ts'
import { copyAgain, type DiskValidator } from './disk-validator.ts'

/** Whether the file and the disk in it have a size at all. */
export const diskNonZero: DiskValidator = {
  id: 'disk_non_zero',
  severity: 'critical',
  looksAt: 'a size above 0',
  hint: copyAgain,
  async check({ image }, { files }) {
    const bytes = files.identities([image.path])[0]?.bytes ?? 0
    return { ok: bytes > 0, evidence: `the file has ${formatBytes(bytes)}` }
  },
}
