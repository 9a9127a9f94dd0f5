import { type HookPoint, hookPoints } from './hook.ts'

export interface HookDisk {
  readonly id: string
  readonly label: string
  /** 1 boots first. */
  readonly boot_order: number
  readonly bus: string
  /** What the guest sees. */
  readonly bytes: number
  readonly source_path: string
  readonly source_format: string
  readonly output_path: string
  readonly output_format: string
}

export interface HookNic {
  readonly id: string
  readonly mac: string
  readonly model: string
  readonly ip: string
  readonly vlan: number | ''
  readonly source_network: string
  /** Of the target; one of the two is empty. */
  readonly bridge: string
  readonly network: string
}

/** What a hook is told, by the names that templates use. Plain data; what is not known is the empty text. */
export interface HookContext {
  readonly stage: HookPoint
  /** The hook's name. */
  readonly hook: string
  /** Counts the attempts of this hook from 1. */
  readonly attempt: number
  readonly run_id: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly timestamp_iso: string
  readonly batch_id: string
  readonly wave: string
  readonly machine: string
  readonly vm_name: string
  readonly manifest_path: string
  readonly source_path: string
  readonly source_dir: string
  readonly source_filename: string
  readonly output_path: string
  readonly output_dir: string
  readonly output_filename: string
  readonly disks: readonly HookDisk[]
  readonly nics: readonly HookNic[]
  readonly os: string
  readonly firmware: string
  readonly user: string
  readonly hostname: string
  readonly pwd: string
}

/** A context with one of everything: what names there are is read from it. */
export const contextShape: HookContext = {
  stage: hookPoints[0],
  hook: '',
  attempt: 1,
  run_id: '',
  timestamp: 0,
  timestamp_iso: '',
  batch_id: '',
  wave: '',
  machine: '',
  vm_name: '',
  manifest_path: '',
  source_path: '',
  source_dir: '',
  source_filename: '',
  output_path: '',
  output_dir: '',
  output_filename: '',
  disks: [
    {
      id: '',
      label: '',
      boot_order: 1,
      bus: '',
      bytes: 0,
      source_path: '',
      source_format: '',
      output_path: '',
      output_format: '',
    },
  ],
  nics: [{ id: '', mac: '', model: '', ip: '', vlan: '', source_network: '', bridge: '', network: '' }],
  os: '',
  firmware: '',
  user: '',
  hostname: '',
  pwd: '',
}
