import { z } from 'zod'

const text = z.string().min(1)
export const macAddress = z
  .string()
  .regex(/^[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}$/, 'a MAC address, such as 00:50:56:aa:bb:01')
export const vlanTag = z.int().min(1).max(4094)
export const nicModels = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'] as const
export const nicModel = z.enum(nicModels)
// What Linux takes for the name of a network device, as far as libvirt takes it too.
export const bridgeName = z
  .string()
  .regex(/^(?!\.{1,2}$)[a-zA-Z0-9_.:-]{1,15}$/, 'the name of a bridge: at most 15 letters, digits, _ . : and -')

const attachment = z.union([
  bridgeName,
  z
    .strictObject({
      bridge: bridgeName.optional().describe('a bridge of the host'),
      network: text.optional().describe('a network of libvirt'),
      bridge_type: z
        .enum(['linux', 'openvswitch'])
        .optional()
        .describe('openvswitch where there is a vlan, else linux; a vlan on a Linux bridge takes libvirt 11'),
      vlan: vlanTag.optional().describe('a tag'),
      model: nicModel.optional().describe('of the NICs, where they name none'),
    })
    .refine((to) => (to.bridge === undefined) !== (to.network === undefined), 'needs either bridge or network')
    .refine((to) => to.bridge_type === undefined || to.bridge !== undefined, 'bridge_type is for a bridge'),
])

/** `network_mapping` */
export const networkMapping = z
  .strictObject({
    $ref: text.optional().describe('a file that holds the mapping; what stands beside it is stronger'),
    source_networks: z.record(z.string(), attachment).optional().describe('source network: bridge on the target'),
    mac_address_policy: z.enum(['preserve', 'regenerate', 'custom']).optional().meta({
      description: 'regenerate: 52:54:00 and a hash, the same each time; custom: by mac_address_overrides',
      default: 'preserve',
    }),
    mac_address_overrides: z.record(macAddress, macAddress).optional().describe('old address: new address'),
    default_bridge: bridgeName.optional().describe('for networks without an entry, and NICs without a network'),
    on_unmapped: z
      .enum(['error', 'default', 'keep'])
      .optional()
      .describe(
        'what becomes of a network without an entry: default takes default_bridge, keep the network of libvirt with the same name; ' +
          'error, but default where there is a default_bridge',
      ),
  })
  .refine((mapping) => mapping.on_unmapped !== 'default' || mapping.default_bridge !== undefined, {
    path: ['on_unmapped'],
    message: 'default needs a default_bridge',
  })

// Units of libvirt's `<bandwidth>`.
const kib = z.int().min(1).max(4_294_967_295)
/** `network_limits` */
export const networkLimits = z
  .strictObject({
    average_kib: kib.optional().describe('KiB in a second; none without it'),
    peak_kib: kib.optional().describe('KiB in a second, for a burst'),
    burst_kib: kib.optional().describe('KiB that go at peak speed'),
  })
  .refine((limits) => limits.average_kib !== undefined || Object.keys(limits).length === 0, {
    path: ['average_kib'],
    message: 'average_kib is missing: a peak or a burst is above an average',
  })

export type NetworkMapping = z.infer<typeof networkMapping>
