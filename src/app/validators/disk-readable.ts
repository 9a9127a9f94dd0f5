import { problemsOf } from '../../core/problem.ts'
import { copyAgain, type DiskValidator } from './disk-validator.ts'

/** Whether h2k's own reader takes the file for the format that it has to be, with no other file behind it. */
export const diskReadable: DiskValidator = {
  id: 'disk_readable',
  severity: 'error',
  looksAt: 'header',
  hint: copyAgain,
  async check({ image }, { disks }, signal) {
    try {
      const { format, files } = await disks.header(image, signal)
      const ok = files.length === 1
      return { ok, evidence: ok ? `a ${format} of its own` : `it needs other files: ${files.slice(1).join(', ')}` }
    } catch (error) {
      const problems = problemsOf(error)
      if (!problems) throw error
      return { ok: false, evidence: problems.map(({ summary }) => summary).join('; ') }
    }
  },
}
