import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { problem } from '../../core/problem.ts'

/** A UEFI for QEMU: its code, and what its variables begin with. */
export interface Firmware {
  readonly code: string
  readonly variables: string
}

// The later ones win (https://qemu-project.gitlab.io/qemu/interop/firmware.html).
const folders = ['/usr/share/qemu/firmware', '/etc/qemu/firmware']

const descriptor = z.object({
  'interface-types': z.array(z.string()),
  mapping: z.object({
    device: z.literal('flash'),
    executable: z.object({ filename: z.string(), format: z.literal('raw') }),
    'nvram-template': z.object({ filename: z.string(), format: z.literal('raw') }),
  }),
  targets: z.array(z.object({ architecture: z.string(), machines: z.array(z.string()) })),
  features: z.array(z.string()),
})

/**
 * The firmware that libvirt would choose too, by the descriptors that distributions install.
 * @throws ProblemError TOOL_MISSING
 */
export function findFirmware(
  { machineType, secureBoot }: { readonly machineType: 'q35' | 'pc'; readonly secureBoot: boolean },
  from: readonly string[] = folders,
): Firmware {
  const machine = machineType === 'q35' ? 'pc-q35-' : 'pc-i440fx-'
  for (const text of descriptors(from)) {
    const read = descriptor.safeParse(text)
    if (!read.success) continue
    const { mapping, targets, features, 'interface-types': interfaces } = read.data
    const fits = targets.some(
      ({ architecture, machines }) =>
        architecture === 'x86_64' && machines.some((pattern) => pattern.startsWith(machine)),
    )
    const secure = ['secure-boot', 'enrolled-keys'].map((feature) => features.includes(feature))
    if (!fits || !interfaces.includes('uefi') || !secure.every((has) => has === secureBoot)) continue
    return { code: mapping.executable.filename, variables: mapping['nvram-template'].filename }
  }
  throw problem('TOOL_MISSING', `no UEFI for ${machineType}${secureBoot ? ' with secure boot' : ''} is installed`, {
    hint: 'apt-get install ovmf',
  })
}

// A file of the same name in a later folder takes the place of the earlier one; names are in order of preference.
function descriptors(from: readonly string[]): readonly unknown[] {
  const byName = new Map<string, string>()
  for (const folder of from) for (const name of namesIn(folder)) byName.set(name, join(folder, name))
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => parsed(path))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

// An empty file turns the one of its name off.
function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
