import { type BatchProgressFile, type BatchReport, reportFormat, type VmProgress } from './language/reports.ts'

/** A remark of a run about a machine. `at` is ISO 8601. */
export interface Remark {
  readonly machine: string
  readonly message: string
  readonly at: string
}

interface Facts {
  readonly file: string
  readonly version: string
  /** ISO 8601. */
  readonly now: string
  /** Manifests by machine. */
  readonly manifests: ReadonlyMap<string, string>
  /** Machines that are as git says without anything being done. */
  readonly unchanged: ReadonlySet<string>
  /** Machines that git leaves alone on purpose. */
  readonly leftAlone: ReadonlySet<string>
  readonly warnings: readonly Remark[]
  readonly errors: readonly Remark[]
}

/** What is said of a batch when a run has ended. */
export function batchReport(progress: BatchProgressFile, facts: Facts): BatchReport {
  const vms = Object.values(progress.vms)
  const processed = vms.filter(({ status, machine }) => {
    return status === 'COMPLETED' || status === 'FAILED' || facts.unchanged.has(machine)
  })
  const failed = processed.filter(({ status }) => status === 'FAILED')
  const left = vms.filter((vm) => !processed.includes(vm) && !facts.leftAlone.has(vm.machine))
  const successful = processed.length - failed.length
  const remark = ({ machine, message, at }: Remark) => ({ vm_id: idOf(vms, machine), message, timestamp: at })
  return {
    h2k_report: reportFormat,
    version: '1.0',
    report_type: 'batch_conversion',
    timestamp: facts.now,
    run_id: progress.run_id,
    h2k_version: facts.version,
    batch: {
      batch_id: progress.batch_id,
      manifest_path: facts.file,
      success: failed.length === 0 && left.length === 0,
      duration_seconds: hundredths((progress.completed_at ?? progress.updated_at) - progress.started_at),
      total_vms: progress.total_vms,
      processed_vms: processed.length,
      successful_vms: successful,
      failed_vms: failed.length,
      success_rate: processed.length === 0 ? 0 : Math.round((successful / processed.length) * 10_000) / 10_000,
    },
    vm_results: processed.map((vm) => resultOf(vm, facts)),
    aggregate_stats: statsOf(processed.filter(({ status }) => status === 'COMPLETED')),
    warnings: [
      ...vms
        .filter((vm) => vm.status === 'SKIPPED' && !facts.unchanged.has(vm.machine))
        .map(({ vm_id, error }) => ({ vm_id, message: error ?? '', timestamp: facts.now })),
      ...facts.warnings.map(remark),
    ],
    errors: facts.errors.map(remark),
  }
}

function resultOf(vm: VmProgress, { manifests, now }: Facts): BatchReport['vm_results'][number] {
  const { vm_id, machine, status, duration, completed_at: ended, stages_completed, error } = vm
  return {
    vm_id,
    machine,
    manifest: manifests.get(machine) ?? '',
    success: status !== 'FAILED',
    status,
    duration_seconds: duration,
    timestamp: ended === null ? now : new Date(ended * 1000).toISOString(),
    stages_completed,
    ...(status === 'FAILED' && error !== null ? { error } : {}),
  }
}

function statsOf(done: readonly VmProgress[]): BatchReport['aggregate_stats'] {
  const total = done.reduce((sum, { duration }) => sum + duration, 0)
  const ordered = done.toSorted((a, b) => a.duration - b.duration)
  const timed = (vm: VmProgress | undefined) => (vm ? { vm_id: vm.vm_id, duration: vm.duration } : null)
  return {
    total_duration: hundredths(total),
    average_duration: done.length === 0 ? 0 : hundredths(total / done.length),
    fastest_conversion: timed(ordered[0]),
    slowest_conversion: timed(ordered.at(-1)),
  }
}

function idOf(vms: readonly VmProgress[], machine: string): string {
  return vms.find((vm) => vm.machine === machine)?.vm_id ?? 'batch'
}

function hundredths(seconds: number): number {
  return Math.round(Math.max(0, seconds) * 100) / 100
}
