import { findingOf } from '../../core/finding.ts'
import type { Validation } from '../../core/machine.ts'
import type { Finding } from '../../core/outputs.ts'
import { content } from './content.ts'
import { diskExists } from './disk-exists.ts'
import { diskNonZero } from './disk-non-zero.ts'
import { diskReadable } from './disk-readable.ts'
import { diskSize } from './disk-size.ts'
import type { DiskValidator, Means, ValidatedDisk } from './disk-validator.ts'
import { imageIntegrity } from './image-integrity.ts'

// Those that others rely on come first.
const validators: readonly DiskValidator[] = [diskExists, diskNonZero, diskReadable, diskSize, imageIntegrity, content]

/** What is looked at in each disk. */
export function diskValidators(validation: Validation): readonly DiskValidator[] {
  return validators.filter(({ wanted }) => wanted?.(validation) ?? true)
}

/** Looks at one disk, until something about it is wrong: what comes after would only say so again. */
export async function validateDisk(
  disk: ValidatedDisk,
  validation: Validation,
  means: Means,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const validator of diskValidators(validation)) {
    const finding = findingOf(validator, disk.id, await validator.check(disk, means, signal))
    findings.push(finding)
    if (finding.severity === 'error' || finding.severity === 'critical') break
  }
  return findings
}
