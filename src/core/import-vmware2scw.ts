import { Document } from 'yaml'
import { type Vmware2scwConfig, type Vmware2scwPlan, vcenterUrl } from './language/vmware2scw.ts'

/** What an import of vmware2scw's files finds: a configuration, a plan, or both. */
export interface Vmware2scwFiles {
  readonly config?: Vmware2scwConfig
  /** The plan, and its path in the workspace: it is a batch as it stands. */
  readonly plan?: { readonly path: string; readonly plan: Vmware2scwPlan }
}

export interface ImportedWorkspace {
  /** By path in the workspace. */
  readonly files: Readonly<Record<string, string>>
  /** What a person has to do or to know. Never with a secret in it. */
  readonly warnings: readonly string[]
}

/**
 * Makes a workspace that validates of what vmware2scw was told. Secrets stay behind: the workspace names the variables that
 * hold them.
 */
export function importVmware2scw(name: string, { config, plan }: Vmware2scwFiles): ImportedWorkspace {
  const warnings: string[] = []
  const work = config?.conversion.work_dir
  const compress = config?.conversion.compress_qcow2 ?? true
  const workspace = {
    h2k_version: 1,
    name,
    ...(work === undefined ? {} : { work_directory: work }),
    ...(plan ? { include: ['manifests/**/*.{yaml,yml,json}', plan.path] } : {}),
    ...(config ? { connections: { vsphere: vsphere(config, warnings), scaleway: scaleway(config, warnings) } } : {}),
    defaults: { profile: compress ? 'production' : 'uncompressed' },
    ...concurrency(plan?.plan),
  }
  if (config) {
    warnings.push(
      'this version has no Scaleway target: machines become files under output/ until defaults.target names one that it has',
      ...withoutCounterpart(config),
    )
  }
  const made = config ? 'Made of the migration.yaml of vmware2scw.' : 'Made for a plan of vmware2scw.'
  const files = { 'h2k.yaml': yaml(workspace, made) }
  if (compress) return { files, warnings }
  const uncompressed = { extends: 'production', pipeline: { convert: { enabled: true, compress: false } } }
  return { files: { ...files, 'profiles/uncompressed.yaml': yaml(uncompressed, 'compress_qcow2: false') }, warnings }
}

function vsphere({ vmware }: Vmware2scwConfig, warnings: string[]) {
  const url = new URL(vcenterUrl(vmware.vcenter))
  if (url.username !== '' || url.password !== '') {
    warnings.push('vmware.vcenter holds a user or a password, which are not copied')
    url.username = ''
    url.password = ''
  }
  if (url.pathname === '/') url.pathname = '/sdk'
  if (vmware.insecure) {
    warnings.push(
      'vmware.insecure: any server would be taken for the vCenter; write its thumbprint under connections.vsphere instead',
    )
  }
  return {
    type: 'vsphere',
    url: url.href,
    username: vmware.username,
    password_env: variable('vmware.password', vmware.password, vmware.password_env, 'VCENTER_PASSWORD', warnings),
    ...(vmware.insecure ? { insecure: true } : {}),
    ...(vmware.datacenter ? { datacenter: vmware.datacenter } : {}),
  }
}

function scaleway({ scaleway }: Vmware2scwConfig, warnings: string[]) {
  const { access_key: access, access_key_env: accessEnv, secret_key: secret, secret_key_env: secretEnv } = scaleway
  const { s3_bucket: bucket, s3_region: region, s3_endpoint: endpoint, project_id: project } = scaleway
  return {
    type: 'scaleway',
    access_key_env: variable('scaleway.access_key', access, accessEnv, 'SCW_ACCESS_KEY', warnings),
    secret_key_env: variable('scaleway.secret_key', secret, secretEnv, 'SCW_SECRET_KEY', warnings),
    ...(project === undefined ? {} : { project_id: project }),
    zone: scaleway.default_zone,
    ...(bucket === undefined ? {} : { bucket }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

function variable(key: string, secret: unknown, named: string | undefined, otherwise: string, warnings: string[]) {
  const env = named ?? otherwise
  if (secret !== undefined) {
    warnings.push(
      `${key} stands in plain text and is not copied: put it into the variable ${env}, and replace it if others read the file`,
    )
  } else if (named === undefined) warnings.push(`${key} is missing: put it into the variable ${env}`)
  return env
}

// What this version has slots for; the plan itself keeps the rest.
function concurrency(plan: Vmware2scwPlan | undefined) {
  if (!plan) return {}
  const { max_concurrent_conversions: copies, max_total_workers: all } = plan.concurrency
  return { concurrency: { disk_io: copies, global: all } }
}

// Keys that h2k has no counterpart for, where they ask for anything.
function withoutCounterpart({ scaleway, conversion, migration }: Vmware2scwConfig): readonly string[] {
  const left: Readonly<Record<string, boolean>> = {
    'scaleway.organization_id': scaleway.organization_id !== undefined,
    'conversion.virtio_win_iso': Boolean(conversion.virtio_win_iso),
    'conversion.cleanup_on_success': conversion.cleanup_on_success === false,
    'conversion.virt_v2v_verbose': conversion.virt_v2v_verbose === true,
    'migration.parallel_exports': migration.parallel_exports !== undefined,
    'migration.parallel_uploads': migration.parallel_uploads !== undefined,
    'migration.retry_count': migration.retry_count !== undefined,
    'migration.retry_delay_seconds': migration.retry_delay_seconds !== undefined,
    'migration.export_strategy': migration.export_strategy === 'streaming',
  }
  const keys = Object.keys(left).filter((key) => left[key])
  return keys.map((key) => `${key} has no counterpart and is left out`)
}

function yaml(content: object, comment: string): string {
  const document = new Document(content)
  document.commentBefore = ` ${comment}`
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
