import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { BootTest, Conversion, Disk, MachineTarget, Validation } from './machine.ts'

/** What zlib and zstd do without being told, in qemu-img too. */
export const usualLevels = { zlib: 6, zstd: 3 } as const

/**
 * How the disks are written. Without `pipeline.convert`, or with `enabled: false`, it is a plain copy; what the storage
 * mapping says of provisioning holds all the same, and contradicts nothing that `pipeline.convert` asks for.
 */
export function resolveConversion(manifest: Manifest, disks: readonly Disk[], issues: Issue[]): Conversion {
  const { pipeline } = manifest
  const convert = pipeline?.convert?.enabled ? pipeline.convert : undefined
  const refuse = (key: string, summary: string, rest: Partial<Issue> = {}) => {
    issues.push({ code: 'VALUE_INVALID', path: ['pipeline', 'convert', key], summary, ...rest })
  }
  const { compress = false, compression = 'zstd', compress_level: level } = convert ?? {}
  const { preallocation, path } = preallocationOf(manifest, compress, convert?.preallocation, issues)
  if (compress && preallocation !== 'off' && path === undefined) {
    refuse('preallocation', 'a compressed image cannot be preallocated')
  }
  if (convert?.direct_io && compress && level !== undefined && level !== usualLevels[compression]) {
    refuse('direct_io', 'qemu-img, which copies past the memory, knows no level of compression', {
      hint: 'remove compress_level or direct_io',
    })
  }
  for (const { id, to } of disks) {
    if (compress && to.format !== 'qcow2') refuse('compress', `disk ${id}: ${to.format} cannot be compressed`)
    if (preallocation === 'off' || compress || preallocates(to.format, preallocation)) continue
    if (path === undefined) refuse('preallocation', `disk ${id}: ${to.format} has no preallocation "${preallocation}"`)
    else
      issues.push({ code: 'VALUE_INVALID', path, summary: `disk ${id}: ${to.format} cannot be allocated as a whole` })
  }
  const levelled =
    compress && level !== undefined && level !== usualLevels[compression] ? { compressionLevel: level } : {}
  const direct = convert?.direct_io ? { direct: true as const } : {}
  const skips = convert?.skip?.includes('swap') ?? false
  if (skips && pipeline?.validate?.enabled && pipeline.validate.compare_source) {
    refuse('skip', 'compare_source would find what skip leaves out', { hint: 'remove one of the two' })
  }
  const skip = skips ? { skip: ['swap'] as const } : {}
  return { preallocation, ...(compress ? { compression } : {}), ...levelled, ...direct, ...skip }
}

type Preallocation = Conversion['preallocation']

/** Whether all of a disk is to be allocated. */
export function isThick({ pipeline, storage_mapping: mapping }: Manifest): boolean {
  const convert = pipeline?.convert?.enabled ? pipeline.convert.preallocation : undefined
  return (
    mapping?.provisioning === 'thick' || mapping?.preallocate === true || convert === 'falloc' || convert === 'full'
  )
}

/** With the key of the storage mapping that asks for it, where that is one. */
function preallocationOf(
  { storage_mapping: mapping = {} }: Manifest,
  compress: boolean,
  written: Preallocation | undefined,
  issues: Issue[],
): { readonly preallocation: Preallocation; readonly path?: Issue['path'] } {
  const thin = mapping.provisioning === 'thin'
  const thick = mapping.provisioning === 'thick' || mapping.preallocate === true
  const key = mapping.provisioning === undefined ? 'preallocate' : 'provisioning'
  const path = ['storage_mapping', key]
  const wants = `storage_mapping.${key}: ${mapping[key]}`
  const contradicts = (other: Issue['path'], value: string) => {
    const summary = `${wants} contradicts ${other.join('.')}: ${value}`
    const hint = 'remove one of the two'
    issues.push({ code: 'VALUE_INVALID', path, summary, hint }, { code: 'VALUE_INVALID', path: other, summary, hint })
  }
  const convert = ['pipeline', 'convert', 'preallocation']
  if (thin && mapping.preallocate) contradicts(['storage_mapping', 'preallocate'], 'true')
  if (thin && written !== undefined && written !== 'off') contradicts(convert, written)
  if (thick && !thin && compress) contradicts(['pipeline', 'convert', 'compress'], 'true')
  if (!thick || thin) return { preallocation: written ?? 'off' }
  if (written === 'off' || written === 'metadata') contradicts(convert, written)
  // Written zeros are as thick as reserved space.
  return { preallocation: written === 'full' ? 'full' : 'falloc', path }
}

function preallocates(format: Disk['to']['format'], preallocation: Preallocation): boolean {
  return format === 'qcow2' || (format === 'raw' && preallocation !== 'metadata')
}

/** What is looked at in the result; undefined where the manifest does not ask for it. */
export function resolveValidation({ pipeline }: Manifest): Validation | undefined {
  const validate = pipeline?.validate
  if (!validate?.enabled) return undefined
  return { checkImage: validate.check_image_integrity ?? true, compareSource: validate.compare_source ?? false }
}

const bootSeconds = 600

/** The trial boot; it does not depend on the other checks. */
export function resolveBootTest({ pipeline }: Manifest, target: MachineTarget, issues: Issue[]): BootTest | undefined {
  const test = pipeline?.validate?.boot_test
  if (!test?.enabled) return undefined
  if (target.kind === 'libvirt' && target.running) {
    issues.push({
      code: 'VALUE_INVALID',
      path: ['pipeline', 'validate', 'boot_test'],
      summary: 'the machine cannot be booted for a trial from disks that it runs from already',
      hint: 'remove libvirt_integration.auto_start, or boot_test',
    })
  }
  const { timeout_seconds: timeoutSeconds = bootSeconds, expect } = test
  return { timeoutSeconds, ...(expect === undefined ? {} : { expect }) }
}
