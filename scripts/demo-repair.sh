#!/usr/bin/env bash
# Repairs a Debian that only knows VMware, in demo-guest/: it does not boot on KVM before, and it does after.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/demo-output.sh
. "$root/scripts/demo-output.sh"

"$root/scripts/setup.sh" guest
export PATH="$root/bin:$PATH"
mkdir -p "$root/demo-guest"
cd "$root/demo-guest"

section 'A Debian 12 as VMware exports it: no virtio in its initramfs, /dev/sda1, ens192 by its MAC, open-vm-tools'
built=$("$root/scripts/test-guest.sh" full)
cmp -s "$built" legacy01.ova || cp "$built" legacy01.ova
before=$(sha256sum legacy01.ova)

section 'Before: what its serial port says on virtio hardware'
if "$root/scripts/boot-guest.sh" legacy01.ova virtio bios 300 | tail -n 4; then
  echo 'It boots already: that should not be.' >&2
  exit 1
fi

section 'A workspace that asks for its repair, and for a boot that proves it'
if [ ! -e h2k.yaml ]; then run h2k init .; fi
cat >manifests/legacy01.yaml <<'YAML'
manifest_version: "1.0"
source: {provider: ova, path: ../legacy01.ova, vm_name: legacy01}
network_mapping: {default_bridge: br0}
pipeline:
  inspect: {enabled: true}
  fix: {enabled: true, remove_vmware_tools: true}
  validate: {enabled: true, boot_test: {enabled: true, expect: H2K-GUEST end}}
YAML
run cat manifests/legacy01.yaml
run h2k plan
run h2k apply --auto-approve
run h2k state show machine.legacy01

section 'After: what the guest said in its boot test'
log=$(find .h2k/logs -name 'legacy01-boot.log' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
tr -d '\r' <"$log" | grep -o 'H2K-GUEST .*'

[ "$before" = "$(sha256sum legacy01.ova)" ] || { echo 'The source changed.' >&2; exit 1; }
echo "The source is what it was: ${before%% *}"
