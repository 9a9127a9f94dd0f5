/** A plan with every part that such a plan can have, written for these tests. */
export const planText = `version: 1

metadata:
  generated_at: "2026-03-01T08:00:00Z"
  vcenter: vc.example
  total_vms: 7
  total_disk_gb: 900

defaults:
  zone: nl-ams-1
  sizing_strategy: cost   # exact | optimize | cost
  tags: [from-vmware]
  network_mapping:
    "VM Network": vpc-a

concurrency:
  max_exports_per_host: 8
  max_concurrent_conversions: 2
  max_concurrent_uploads: 20
  max_concurrent_imports: 1
  max_total_workers: 50

migrations:
  - vm_name: shop-dev-01
    target_type: PLAY2-MICRO
    priority: 1
    wave: canary
    notes: "small | moved first"
  - vm_pattern: "shop-*"
    priority: 3
    tags: [shop, from-vmware]
    network_mapping: {"VM Network": vpc-shop, DMZ: vpc-dmz}
  - vm_regex: "ora(cle)?-[0-9]+"
    target_type: POP2-HM-8C-64G
    zone: fr-par-2
    sizing_strategy: exact
    priority: 2
  - vm_folder: /DC1/Windows
    wave: windows
    skip_validation: true
  - vm_tag: nice-to-have
    priority: 10

exclude:
  - vm_pattern: "*-template"
  - vm_name: shop-legacy
  - vm_regex: "^test-.*-tmp$"

waves:
  - name: canary
    vms: [shop-dev-01]
    pause_after: pause
  - name: main
    vms: ["shop-*", "oracle-*"]
    max_parallel: 2
  - name: windows
    vms: ["win-*"]
    pause_after: continue

post_migration:
  tag_source: moved
  power_off_source: false
  delete_vmware_snapshot: true
  delete_s3_transit: true
`

/** Likewise its configuration. */
export const configText = `vmware:
  vcenter: vc.example
  username: mover@vsphere.local
  password_env: VC_PASSWORD
  # password: "…"
  insecure: true

scaleway:
  access_key_env: KEY
  secret_key_env: SECRET
  organization_id: "11111111-1111-1111-1111-111111111111"
  project_id: "22222222-2222-2222-2222-222222222222"
  default_zone: fr-par-1
  s3_region: fr-par
  s3_bucket: transit

conversion:
  work_dir: /var/lib/mover/work
  compress_qcow2: true
  cleanup_on_success: true
  virt_v2v_verbose: false

migration:
  parallel_exports: 2
  parallel_uploads: 3
  retry_count: 3
  retry_delay_seconds: 30
  export_strategy: local
`
