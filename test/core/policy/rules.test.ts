import { describe, expect, it } from 'vitest'
import type { DescribedMachine } from '../../../src/core/described.ts'
import type { Plan, PlannedMachine } from '../../../src/core/plan.ts'
import type { PolicyRule, PolicyRuleName, PolicyView } from '../../../src/core/policy/policy.ts'
import { policyRules } from '../../../src/core/policy/rules/table.ts'
import { config, described, local, machineOf, manifest, ova } from '../machines.ts'
import { planned, planOf } from '../plans.ts'

const uefi: DescribedMachine = { ...described, firmware: 'uefi', secureBoot: true }

function view(
  yaml: string,
  source?: DescribedMachine,
  rest: Partial<PolicyView> = {},
  plan: Partial<Plan> = {},
): PolicyView {
  const machine = machineOf(yaml, source)
  const one = planned(machine.name)
  const judged = {
    planned: one,
    machine,
    manifest: manifest(yaml),
    copySeconds: 120,
    ...(source ? { described: source } : {}),
  }
  return {
    plan: planOf([one], plan),
    machines: [judged],
    waves: [],
    standings: [],
    encryptionOf: () => 'plain',
    shown: (path) => path.replace('/ws/', ''),
    ...rest,
  }
}

const ofPlan = (machines: readonly PlannedMachine[], rest: Partial<PolicyView> = {}): PolicyView => {
  return {
    plan: planOf(machines),
    machines: machines.map((one) => ({ planned: one })),
    waves: [],
    standings: [],
    encryptionOf: () => 'plain',
    shown: (path) => path.replace('/ws/', ''),
    ...rest,
  }
}

function look(name: PolicyRuleName, seen: PolicyView, setting: unknown = 'deny') {
  const { look: rule } = policyRules[name] as unknown as PolicyRule
  return rule(seen, setting as 'deny').map(
    ({ machine, field, evidence }) => `${machine ?? 'plan'} ${field}: ${evidence}`,
  )
}

describe('secure boot', () => {
  it('is lost when the source has it and the machine does not', () => {
    expect(look('secure_boot_lost', view(`${ova}vm: {secureboot: false}\n`, uefi))).toEqual([
      'web vm.secureboot: the source boots with secure boot, and the machine with UEFI without it',
    ])
    expect(look('secure_boot_lost', view(`${ova}vm: {firmware: bios}\n`, uefi))).toEqual([
      'web vm.secureboot: the source boots with secure boot, and the machine with BIOS',
    ])
  })

  it('is kept without a word, and never lost by a source that has none', () => {
    expect(look('secure_boot_lost', view(ova, uefi))).toEqual([])
    expect(look('secure_boot_lost', view(ova, described))).toEqual([])
  })
})

describe('downtime', () => {
  it('is the estimate of the copy', () => {
    const seen = view(local, undefined, {}, { duration: { seconds: 1, basis: 'measured' } })
    expect(look('downtime_minutes', seen, { max: 1.9 })).toEqual([
      'web01 disks: its copy takes about 2.0 min (measured), more than 1.9 min, and its source has to be off for it',
    ])
    expect(look('downtime_minutes', seen, { max: 2 })).toEqual([])
  })
})

describe('mappings', () => {
  const nic = `nics: [{id: n0, network: LAN}, {id: n1}]\n`

  it('name the networks that no entry maps', () => {
    const mapped = 'network_mapping: {source_networks: {LAN: br1}, default_bridge: br0}\n'
    expect(look('unmapped_network', view(local + nic + mapped))).toEqual([
      'web01 nics.n1: nic n1 names no network, no entry maps it, and it goes to bridge br0',
    ])
    const keep = 'nics: [{id: n0, network: LAN}]\nnetwork_mapping: {on_unmapped: keep}\n'
    expect(look('unmapped_network', view(local + keep))).toEqual([
      'web01 nics.n0: nic n0 is in "LAN", no entry maps it, and it goes to network LAN',
    ])
  })

  it('name the disks that no entry places', () => {
    expect(look('unmapped_storage', view(local))).toEqual([
      'web01 disks.boot: disk boot has no entry, and goes to its output folder',
    ])
    expect(look('unmapped_storage', view(`${local}storage_mapping: {disk_mappings: {boot: /srv/vms}}\n`))).toEqual([])
    const own = local.replace('local_path:', 'target_path: /srv/x.qcow2, local_path:')
    expect(look('unmapped_storage', view(own))).toEqual([])
  })
})

describe('sizes', () => {
  it('are compared one by one', () => {
    const limits = { max_disk_gib: 0.9, max_machine_gib: 1, max_cpus: 1, max_memory_gib: 1.5 }
    expect(look('oversize', view(ova, described), limits)).toEqual([
      'web disks.disk1: disk disk1 has 1 GiB, at most 0.9 GiB allowed',
      'web disks: its disks have 1 GiB, at most 1 GiB allowed',
      'web vm.cpu: it has 2 CPUs, at most 1 allowed',
      'web vm.mem_gb: it has 2 GiB of memory, at most 1.5 GiB allowed',
    ])
    expect(look('oversize', view(ova, described), { max_disk_gib: 1, max_cpus: 2 })).toEqual([])
  })
})

describe('encryption', () => {
  const on = (encryption: 'encrypted' | 'plain' | 'unknown', rest = '') =>
    look('unencrypted_target', view(local + rest, undefined, { encryptionOf: () => encryption }))

  it('is that of the disk below, and what cannot be told counts as none', () => {
    expect(on('encrypted')).toEqual([])
    expect(on('plain')).toEqual([
      'web01 disks.boot: disk boot goes to output/web01/boot.qcow2, which is on no encrypted disk',
    ])
    expect(on('unknown', 'storage_mapping: {disk_mappings: {boot: /srv/vms}}\n')).toEqual([
      'web01 disks.boot: disk boot goes to /srv/vms/web01-boot.qcow2, of which h2k cannot tell whether it is encrypted',
    ])
  })
})

describe('a cutover', () => {
  const kvm = { ...config, connections: { kvm1: { type: 'libvirt' as const, uri: 'qemu:///system' } } }
  const seen = (rest: string) => {
    const yaml = `${local}target: kvm1\n${rest}`
    const machine = machineOf(yaml, undefined, kvm)
    return { ...view(local), machines: [{ planned: planned('web01'), machine, manifest: manifest(yaml) }] }
  }

  it('needs an approval', () => {
    expect(look('unapproved_cutover', seen(''))).toEqual([
      'web01 cutover.require_approval: anybody may cut it over, without an approval',
    ])
    expect(look('unapproved_cutover', seen('cutover: {require_approval: true}\n'))).toEqual([])
    expect(look('unapproved_cutover', view(local)), 'a folder has no cutover').toEqual([])
  })

  it('switches no source off without one', () => {
    const connections = { ...kvm.connections, old: { type: 'libvirt' as const } }
    const acts = (cutover: string) => {
      const yaml = `${local.replace('provider: local', 'provider: libvirt, connection: old')}target: kvm1\n${cutover}`
      const machine = machineOf(`libvirt_integration: {vm_name: new}\n${yaml}`, undefined, { ...kvm, connections })
      const machines = [{ planned: planned('web01'), machine, manifest: manifest(yaml) }]
      return look('source_power_off_unapproved', { ...view(local), machines })
    }
    expect(acts('cutover: {source_action: shutdown}\n')).toEqual([
      'web01 cutover.source_action: anybody may cut it over, which switches the domain web01 off, without an approval',
    ])
    expect(acts('cutover: {source_action: shutdown, require_approval: true}\n')).toEqual([])
    expect(acts('cutover: {source_action: none}\n')).toEqual([])
  })
})

describe('the plan as a whole', () => {
  it('has at most so many machines; those that stay do not count', () => {
    const machines = [planned('a'), planned('b'), planned('c', { action: 'noop' })]
    expect(look('machines_per_change', ofPlan(machines), { max: 1 })).toEqual([
      'plan machines: the plan does something with 2 machines, at most 1 allowed',
    ])
    expect(look('machines_per_change', ofPlan(machines), { max: 2 })).toEqual([])
  })

  it('destroys and replaces nothing unseen', () => {
    const removals = [{ path: 'x', standing: 'as made' as const, bytes: 2 ** 20, mark: '' }]
    const machines = [planned('a', { action: 'destroy', removals }), planned('b', { action: 'replace' }), planned('c')]
    expect(look('destroy', ofPlan(machines))).toEqual(['a action: 1 artifact of it would be removed, 1 MiB'])
    expect(look('replace', ofPlan(machines))).toEqual(['b disks: convert run again over what was done'])
  })

  it('goes wave by wave', () => {
    const waves = ['canary', 'production']
    const standings = [
      { name: 'a', wave: 0, done: false },
      { name: 'b', wave: 1, done: false },
    ]
    expect(look('wave_order', ofPlan([planned('b')], { waves, standings }))).toEqual([
      'b wave: it goes with wave production, and machine.a of the earlier wave canary is not done',
    ])
    expect(look('wave_order', ofPlan([planned('a'), planned('b')], { waves, standings })), 'both go').toEqual([])
    const done = [{ name: 'a', wave: 0, done: true }, ...standings.slice(1)]
    expect(look('wave_order', ofPlan([planned('b')], { waves, standings: done }))).toEqual([])
  })
})
