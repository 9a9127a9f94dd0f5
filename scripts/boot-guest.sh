#!/usr/bin/env bash
# Boots a disk image, or the disk in an OVA, without writing to it, and prints what its serial port says.
#   scripts/boot-guest.sh IMAGE vmware|virtio [bios|efi] [SECONDS]
# vmware has pvscsi and vmxnet3, virtio has virtio-blk and virtio-net. The guest has until SECONDS (180) to power off or
# to say "H2K-GUEST end"; it reaches QEMU's own network only. Ends with 1 when it did neither, at once where it stops in its
# initramfs or panics.
set -euo pipefail
# shellcheck source=scripts/kvm.sh
. "$(dirname "${BASH_SOURCE[0]}")/kvm.sh"
image=${1:?usage: scripts/boot-guest.sh IMAGE vmware|virtio [bios|efi] [SECONDS]}
hardware=${2:?vmware or virtio}
firmware=${3:-bios}
seconds=${4:-180}
mac=00:50:56:aa:bb:01

work=$(mktemp -d)
qemu=
trap 'if [ -n "$qemu" ]; then kill "$qemu" 2>/dev/null || true; fi; rm -rf "$work"' EXIT

case $image in
  *.ova) tar -xOf "$image" --wildcards '*disk1.vmdk' >"$work/disk" && image=$work/disk format=vmdk ;;
  *.vmdk) format=vmdk ;;
  *.raw) format=raw ;;
  *) format=qcow2 ;;
esac
accel=tcg cpu=max
if kvm_works; then accel=kvm cpu=host; fi
# shellcheck disable=SC2054
options=(-accel "$accel" -cpu "$cpu" -m 1024 -smp 2 -nodefaults -display none -no-reboot -serial "file:$work/serial"
  -drive "file=$image,format=$format,if=none,id=disk,snapshot=on" -netdev user,id=net,restrict=on)
case $hardware in
  vmware) options+=(-machine pc -device pvscsi -device scsi-hd,drive=disk -device "vmxnet3,netdev=net,mac=$mac") ;;
  virtio) options+=(-machine q35 -device virtio-blk-pci,drive=disk -device "virtio-net-pci,netdev=net,mac=$mac") ;;
esac
if [ "$firmware" = efi ]; then
  cp /usr/share/OVMF/OVMF_VARS_4M.fd "$work/vars"
  options+=(-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd
    -drive "if=pflash,format=raw,file=$work/vars")
fi
: >"$work/serial"
qemu-system-x86_64 "${options[@]}" 2>"$work/errors" &
qemu=$!
status=1
for _ in $(seq "$seconds"); do
  if grep -q 'H2K-GUEST end' "$work/serial"; then status=0; break; fi
  if ! kill -0 "$qemu" 2>/dev/null || grep -qaE '^\(initramfs\)|Kernel panic' "$work/serial"; then break; fi
  sleep 1
done
tr -d '\r' <"$work/serial"
if [ ! -s "$work/serial" ]; then cat "$work/errors" >&2; fi
exit $status
