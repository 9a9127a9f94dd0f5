import type { PolicyRule, PolicyRuleName } from '../policy.ts'
import { destroy } from './destroy.ts'
import { downtimeMinutes } from './downtime-minutes.ts'
import { machinesPerChange } from './machines-per-change.ts'
import { oversize } from './oversize.ts'
import { replace } from './replace.ts'
import { secureBootLost } from './secure-boot-lost.ts'
import { sourcePowerOffUnapproved } from './source-power-off-unapproved.ts'
import { unapprovedCutover } from './unapproved-cutover.ts'
import { unencryptedTarget } from './unencrypted-target.ts'
import { unmappedNetwork } from './unmapped-network.ts'
import { unmappedStorage } from './unmapped-storage.ts'
import { waveOrder } from './wave-order.ts'

/** Every built-in rule. */
export const policyRules: { readonly [Name in PolicyRuleName]: PolicyRule<Name> } = {
  secure_boot_lost: secureBootLost,
  downtime_minutes: downtimeMinutes,
  unmapped_network: unmappedNetwork,
  unmapped_storage: unmappedStorage,
  unencrypted_target: unencryptedTarget,
  oversize,
  unapproved_cutover: unapprovedCutover,
  source_power_off_unapproved: sourcePowerOffUnapproved,
  machines_per_change: machinesPerChange,
  replace,
  destroy,
  wave_order: waveOrder,
}
