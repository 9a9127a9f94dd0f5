import { spaceFindings } from '../../../core/guest-space.ts'
import type { GuestKernel, Inspection } from '../../../core/inspection.ts'
import type { Finding } from '../../../core/outputs.ts'
import type { Devices } from '../devices.ts'

/** What somebody should know before this guest is moved. Errors stop it; what only a repair needs is a warning here. */
export function judge(
  inspection: Omit<Inspection, 'findings'>,
  devices: Pick<Devices, 'luks'>,
  { others, bitlocker }: { readonly others: readonly string[]; readonly bitlocker: readonly string[] },
): readonly Finding[] {
  const locked = devices.luks.filter(({ opened }) => opened === undefined)
  return [
    ...(inspection.family === 'unknown' ? [unknownSystem(inspection, locked.length > 0)] : []),
    ...locked.map(({ device, uuid }) =>
      finding('guest.encrypted', 'error', device, `LUKS${uuid ? ` ${uuid}` : ''}, and no key opens it`, {
        hint: 'add pipeline.inspect.luks_keys: [{key_file: FILE}] or [{key_env: NAME}]',
      }),
    ),
    ...others.map((device) =>
      finding('guest.several_systems', 'warning', device, 'another system is here: it is copied as it is'),
    ),
    ...bitlocker.map((device) =>
      finding('guest.bitlocker', 'error', device, 'the volume is encrypted by BitLocker', {
        hint: 'at the source: manage-bde -off, with the volume’s letter',
      }),
    ),
    ...judgeWindows(inspection),
    ...judgeLinux(inspection),
    ...spaceFindings(inspection),
  ]
}

function unknownSystem({ filesystems }: Pick<Inspection, 'filesystems'>, locked: boolean): Finding {
  const seen = filesystems.map(({ device, type }) => `${device} ${type}`).join(', ') || 'no file system'
  return finding('guest.unknown_system', 'error', 'disks', `no system that h2k knows: ${seen}`, {
    hint: locked
      ? 'give the key to its encrypted disk'
      : 'leave pipeline.inspect and pipeline.fix out for this machine',
  })
}

function judgeWindows({ windows }: Pick<Inspection, 'windows'>): Finding[] {
  if (!windows) return []
  const shutdown = { hint: 'start it at the source and shut it down with: shutdown /s /f /t 0' }
  return [
    ...(windows.hibernated
      ? [
          finding(
            'guest.hibernated',
            'error',
            'hiberfil.sys',
            'Windows is hibernated, its disks are in the middle of something',
            shutdown,
          ),
        ]
      : []),
    ...(windows.fastStartup && !windows.hibernated
      ? [
          finding(
            'guest.fast_startup',
            'warning',
            'HiberbootEnabled',
            'Fast Startup is on: a shut down Windows is a hibernated one',
            {
              hint: 'at the source: powercfg /hibernate off',
            },
          ),
        ]
      : []),
    ...(windows.dirtyNtfs
      ? [
          finding('guest.dirty_ntfs', 'error', 'NTFS', 'the volume is marked dirty', {
            hint: 'at the source: chkdsk C: /f, then shut down',
          }),
        ]
      : []),
    ...(windows.pendingReboot
      ? [
          finding('guest.pending_reboot', 'warning', 'Windows', 'updates wait for a restart', {
            hint: 'restart it at the source first',
          }),
        ]
      : []),
  ]
}

function judgeLinux({ linux, bootLoader }: Pick<Inspection, 'linux' | 'bootLoader'>): Finding[] {
  if (!linux) return []
  const { kernels } = linux
  return [
    ...(kernels.length === 0
      ? [finding('guest.no_kernel', 'warning', '/lib/modules', 'no kernel that can be booted')]
      : []),
    ...kernels.flatMap(judgeKernel),
    ...(bootLoader === 'unknown'
      ? [finding('guest.boot_loader', 'warning', '/boot', 'no boot loader that h2k knows: its root= stays as it is')]
      : []),
  ]
}

// Without a driver for the disk nothing boots; a guest that has another kernel boots with that.
function judgeKernel({ release, virtio, initramfs }: GuestKernel): Finding[] {
  const absent = (['virtio_blk', 'virtio_scsi', 'virtio_net', 'virtio_pci'] as const).filter(
    (name) => virtio[name] === 'absent',
  )
  return [
    ...(absent.length > 0
      ? [
          finding(
            'guest.no_virtio',
            absent.includes('virtio_pci') ? 'error' : 'warning',
            release,
            `the kernel has no ${absent.join(', ')}`,
            {
              hint: 'install a kernel with virtio at the source, or let vm and disks use devices that it knows',
            },
          ),
        ]
      : []),
    ...(initramfs === undefined && virtio.virtio_blk === 'module'
      ? [
          finding(
            'guest.no_initramfs',
            'warning',
            release,
            'no initramfs was found, and the driver of the disk is a module',
          ),
        ]
      : []),
  ]
}

function finding(
  rule: string,
  severity: Finding['severity'],
  subject: string,
  evidence: string,
  rest: { readonly hint?: string } = {},
): Finding {
  return { rule, severity, subject, evidence, ...rest }
}
