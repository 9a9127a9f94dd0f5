import { copyAgain, type DiskValidator } from './disk-validator.ts'

/** Whether the guest sees as many bytes as at the source. */
export const diskSize: DiskValidator = {
  id: 'disk_size',
  severity: 'error',
  looksAt: 'sizes',
  hint: copyAgain,
  async check({ image, virtualBytes }, { disks }, signal) {
    const header = await disks.header(image, signal)
    const ok = header.virtualBytes === virtualBytes
    return {
      ok,
      evidence: `${header.virtualBytes} bytes${ok ? ' as at the source' : `, at the source ${virtualBytes}`}`,
    }
  },
}
