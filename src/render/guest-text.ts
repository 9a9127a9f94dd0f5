import type { GuestKernel, GuestNetwork, Inspection } from '../core/inspection.ts'
import type { FixOutput } from '../core/outputs.ts'
import { printable } from '../core/printable.ts'
import type { Branch } from './tree.ts'

/** What was found in a guest, as branches of a tree. */
export function inspectionBranches(inspection: Inspection): readonly Branch[] {
  const { title, architecture, boots, bootLoader, filesystems, layers, linux, findings } = inspection
  const ways = [boots.bios ? 'BIOS' : '', boots.uefi ? 'UEFI' : ''].filter(Boolean).join(' and ') || 'nothing known'
  return [
    line(`${title || 'unknown system'}${architecture ? `, ${architecture}` : ''}`),
    line(`boots by ${ways}, ${bootLoader}${layers.length > 0 ? `; ${layers.join(', ')}` : ''}`),
    ...filesystems.map(({ device, type, uuid, subvolume, mountpoint }) =>
      line([device, subvolume ?? '', type, mountpoint ?? '', uuid ? `UUID=${uuid}` : ''].filter(Boolean).join('  ')),
    ),
    ...(linux ? [...linux.kernels.map(kernel), ...linux.network.flatMap(network), ...rest(linux)] : []),
    ...findings.map(({ rule, severity, subject, evidence }) => line(`${severity} ${rule} ${subject}: ${evidence}`)),
  ]
}

/** What was changed in it, each with its diff. */
export function repairBranches({ changes, findings, fstab }: FixOutput): readonly Branch[] {
  return [
    ...changes.map(({ repair, subject, summary, diff }) => ({
      ...line(`${repair}: ${subject}: ${summary}`),
      children: lines(diff ?? ''),
    })),
    ...findings.map(({ rule, severity, subject, evidence }) => line(`${severity} ${rule} ${subject}: ${evidence}`)),
    ...(fstab
      ? [
          { ...line('fstab before'), children: lines(fstab.before) },
          { ...line('fstab after'), children: lines(fstab.after) },
        ]
      : []),
  ]
}

function lines(text: string): Branch[] {
  return text.split('\n').filter(Boolean).map(line)
}

function kernel({ release, virtio, initramfs }: GuestKernel): Branch {
  const drivers = Object.entries(virtio).map(([name, how]) => `${name.slice('virtio_'.length)} ${how}`)
  const held = initramfs && (initramfs.holds.map((name) => name.slice('virtio_'.length)).join(' ') || 'no virtio')
  return line(`kernel ${release}: virtio ${drivers.join(', ')}${initramfs ? `; ${initramfs.path} holds ${held}` : ''}`)
}

function network({ system, interfaces }: GuestNetwork): Branch[] {
  const names = interfaces.map(({ file, name, mac }) => `${[name, mac].filter(Boolean).join(' ')} (${file})`)
  return names.length === 0 ? [] : [line(`network ${system}: ${names.join(', ')}`)]
}

function rest({
  hostname,
  init,
  initramfsTool,
  packageSystem,
  selinux,
  vmwareTools,
  info,
}: NonNullable<Inspection['linux']>) {
  const tools = vmwareTools.packages.join(', ') || (vmwareTools.tarball ? 'VMware Tools' : 'no tools of VMware')
  return [
    line([hostname ?? '', init, initramfsTool, packageSystem, `SELinux ${selinux}`, tools].filter(Boolean).join(', ')),
    ...(info
      ? [
          line(
            `users ${info.users.map(({ name }) => name).join(', ')}; ${info.packages.length} packages; services ${info.services.join(', ')}`,
          ),
        ]
      : []),
  ]
}

function line(title: string): Branch {
  return { title: printable(title.replaceAll('\t', '    ')) }
}
