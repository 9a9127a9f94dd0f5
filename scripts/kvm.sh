# Sourced by the scripts that boot guests.
# shellcheck shell=bash

# /dev/kvm may be there and yet run nothing, as in many nested VMs, so QEMU tries.
kvm_works() {
  [ -w /dev/kvm ] || return
  # In a shell of its own, which keeps bash's word on an aborted QEMU to itself.
  (echo quit | timeout 10 qemu-system-x86_64 -accel kvm -cpu host -nodefaults -display none -monitor stdio) &>/dev/null
}
