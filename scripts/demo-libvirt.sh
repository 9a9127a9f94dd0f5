#!/usr/bin/env bash
# Moves the demo's VM into a libvirt of its own: apply, drift and repair, cutover, rollback, destroy. Leaves nothing. Needs root.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/demo-output.sh
. "$root/scripts/demo-output.sh"

# Runs a command that has to end with the exit code $1.
run_for() {
  local wanted=$1 code=0
  shift
  run "$@" || code=$?
  printf '(exit code %s)\n' "$code"
  [ "$code" -eq "$wanted" ] || exit 1
}

[ "$(id -u)" -eq 0 ] || {
  echo 'demo:libvirt: it starts a libvirtd of its own, which needs root' >&2
  exit 1
}
"$root/scripts/setup.sh" libvirt
export PATH="$root/bin:$PATH"

# QEMU runs as another user, who may not come by a home folder.
folder=$(mktemp -d /tmp/h2k-demo.XXXXXX)
chmod 755 "$folder"
trap '"$root/scripts/private-libvirtd.sh" stop "$folder/libvirt" && rm -rf "$folder"' EXIT
uri=$("$root/scripts/private-libvirtd.sh" start "$folder/libvirt")
cd "$folder"

section 'A VM as VMware exports it, and a libvirt to put it into'
"$root/scripts/demo-guest.sh" images
mkdir manifests
cat >h2k.yaml <<YAML
h2k_version: 1
name: demo-libvirt
connections: {here: {type: libvirt, uri: "$uri", domain_type: qemu}}
defaults: {target: here}
YAML
cat >manifests/web01.yaml <<'YAML'
manifest_version: "1.0"
source: {provider: ova, path: ../images/web01.ova}
vm: {mem_gb: 0.5}
nics: []    # nothing is done to the networks of this machine
cutover:
  require_approval: true
  verify: {expect: "h2k-demo: data is intact", timeout_seconds: 600}
  shutdown_seconds: 60
YAML
run cat manifests/web01.yaml
run h2k validate

section 'What would happen, and then it happens'
run h2k plan
run h2k apply --auto-approve
run virsh -c "$uri" list --all

section 'Somebody edits the domain: drift names it, and apply repairs it'
virsh -q -c "$uri" dumpxml --inactive web01 | sed 's/<vcpu.*/<vcpu>4<\/vcpu>/' >edited.xml
virsh -q -c "$uri" define edited.xml
run_for 2 h2k drift --detailed-exitcode
run h2k apply --auto-approve
run_for 0 h2k drift --detailed-exitcode

section 'Cutover: it waits for an approval, starts the domain, and waits until the guest says that it is up'
run_for 7 h2k cutover machine.web01 --auto-approve
run h2k approve machine.web01 --by 'Change board'
run h2k cutover machine.web01 --auto-approve
run virsh -c "$uri" list --all
run_for 0 h2k plan --detailed-exitcode
run h2k state show machine.web01

section 'And back'
run h2k rollback machine.web01 --force --auto-approve
run h2k state history machine.web01

section 'Nothing of it is left'
run h2k destroy machine.web01 --auto-approve
run virsh -c "$uri" list --all
[ -z "$(virsh -q -c "$uri" list --all --name)" ]
