import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { Conversion, Disk, Validation } from './machine.ts'

/** How the disks are written. Without `pipeline.convert`, or with `enabled: false`, it is a plain copy. */
export function resolveConversion({ pipeline }: Manifest, disks: readonly Disk[], issues: Issue[]): Conversion {
  const convert = pipeline?.convert
  if (!convert?.enabled) return { preallocation: 'off' }
  const refuse = (key: string, summary: string, rest: Partial<Issue> = {}) => {
    issues.push({ code: 'VALUE_INVALID', path: ['pipeline', 'convert', key], summary, ...rest })
  }
  const { compress = false, compression = 'zlib', compress_level: level, preallocation = 'off' } = convert
  if (compress && level !== undefined && !(level === 6 && compression === 'zlib')) {
    const summary = `qemu-img compresses zlib at level 6 and zstd at its own level: ${level} would have no effect`
    refuse('compress_level', summary, { code: 'NOT_BUILT', hint: 'remove compress_level' })
  }
  if (compress && preallocation !== 'off') refuse('preallocation', 'a compressed image cannot be preallocated')
  for (const { id, to } of disks) {
    if (compress && to.format !== 'qcow2') refuse('compress', `disk ${id}: ${to.format} cannot be compressed`)
    if (preallocation !== 'off' && !compress && !preallocates(to.format, preallocation)) {
      refuse('preallocation', `disk ${id}: ${to.format} has no preallocation "${preallocation}"`)
    }
  }
  return { preallocation, ...(compress ? { compression } : {}) }
}

function preallocates(format: Disk['to']['format'], preallocation: Conversion['preallocation']): boolean {
  return format === 'qcow2' || (format === 'raw' && preallocation !== 'metadata')
}

/** What is looked at in the result; undefined where the manifest does not ask for it. */
export function resolveValidation({ pipeline }: Manifest): Validation | undefined {
  const validate = pipeline?.validate
  if (!validate?.enabled) return undefined
  return { checkImage: validate.check_image_integrity ?? true, compareSource: validate.compare_source ?? false }
}
