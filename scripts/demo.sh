#!/usr/bin/env bash
# Moves a small VM from a VMware-style OVA to KVM in demo/, which stays there to look at and to run again.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/kvm.sh
. "$root/scripts/kvm.sh"
# shellcheck source=scripts/demo-output.sh
. "$root/scripts/demo-output.sh"

# Without QEMU or the right to open /dev/kvm it is taken to work where it is there.
kvm_usable() {
  [ -e /dev/kvm ] || return
  if [ ! -w /dev/kvm ] || ! command -v qemu-system-x86_64 >/dev/null; then return 0; fi
  kvm_works
}

# Has the domain of h2k.yaml's target emulated. Comments stay, apart from those within the two keys.
emulate() {
  PATH=$root/node_modules/.bin:$PATH node --input-type=module -e '
    import { readFileSync, writeFileSync } from "node:fs"
    import { parseDocument } from "yaml"
    const workspace = parseDocument(readFileSync("h2k.yaml", "utf8"))
    const { connections, defaults } = workspace.toJS()
    workspace.set("connections", { ...connections, out: { type: "files", domain_type: "qemu" } })
    workspace.set("defaults", { ...defaults, target: "out" })
    writeFileSync("h2k.yaml", workspace.toString({ lineWidth: 0 }))'
}

"$root/scripts/setup.sh" demo
export PATH="$root/bin:$PATH"
mkdir -p "$root/demo"
cd "$root/demo"

section 'A VM as VMware exports it: two disks, two networks, BIOS, pvscsi and vmxnet3'
"$root/scripts/demo-guest.sh" images
ls -sh images/web01.ova

section 'A workspace in demo/ that asks for it on KVM'
if [ ! -e h2k.yaml ]; then
  run h2k init .
  if ! kvm_usable; then
    echo 'This machine has no usable KVM: h2k.yaml asks for an emulated domain (domain_type: qemu).'
    emulate
  fi
fi
if [ images/web01.ova -nt manifests/web01.yaml ]; then
  rm -f manifests/web01.yaml
  run h2k import images/web01.ova
fi
run h2k validate

section 'What would happen, and then it happens'
run h2k plan
run h2k apply --auto-approve

section 'Nothing is left to do: plan ends with 0, where changes would give 2'
run h2k plan --detailed-exitcode
run h2k state show machine.web01

section 'What came out'
find "$PWD/output" -type f \( -name '*.qcow2' -o -name '*.raw' -o -name '*.xml' \) | sort
domain=$(find "$PWD/output" -type f -name '*.xml' -exec grep -l '<domain' {} + | sed -n 1p)
printf '\nTo run it on this machine:\n  virsh define %s && virsh start web01\n' "$domain"
