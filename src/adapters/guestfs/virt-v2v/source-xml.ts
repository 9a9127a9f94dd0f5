import { XMLBuilder } from 'fast-xml-parser'

// sda to sdz, sdaa …
function diskName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26))
  return index < 26 ? `sd${letter}` : `sd${String.fromCharCode(96 + Math.floor(index / 26))}${letter}`
}

/** A domain that names the guest's disks, as `virt-v2v-in-place -i libvirtxml` takes it: all of them qcow2, in their order. */
export function sourceXml(overlays: readonly string[]): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  })
  return builder.build({
    domain: {
      '@type': 'kvm',
      name: 'guest',
      memory: { '@unit': 'MiB', '#text': 1024 },
      vcpu: 1,
      os: { type: { '@arch': 'x86_64', '#text': 'hvm' } },
      devices: {
        disk: overlays.map((overlay, index) => ({
          '@type': 'file',
          '@device': 'disk',
          driver: { '@name': 'qemu', '@type': 'qcow2' },
          source: { '@file': overlay },
          target: { '@dev': diskName(index), '@bus': 'scsi' },
        })),
      },
    },
  })
}
