#!/usr/bin/env bash
# Builds the test guest VARIANT out of Debian's packages as VMware would export it, and prints the path of its OVA.
#   full         ext4 root on /dev/sda1, swap on /dev/sda2, ifupdown
#   lvm          separate /boot, root and swap in LVM
#   luks         separate /boot, encrypted root on /dev/sda2 with its key in the initramfs
#   uefi         GPT, ESP, grub-efi with the removable path; uefi-nvram has no removable path
#   two-kernels  as full, the older kernel with virtio in its initramfs
#   netplan      as full, netplan with match by MAC; has qemu-guest-agent and stays on
#   dracut       as full, initramfs by dracut
# All have an initramfs without virtio, devices by name, ens192 named by MAC, open-vm-tools, and tell on the serial
# port how their boot went. Trees and images are kept in $H2K_CACHE (~/.cache/h2k) until their recipe changes.
set -euo pipefail

usage='usage: scripts/test-guest.sh full|lvm|luks|uefi|uefi-nvram|two-kernels|netplan|dracut'
variant=${1:?$usage}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parts=$here/test-guest
cache=${H2K_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/h2k}/test-guests
epoch=1700000000
root_uuid=5b7f0d3e-2c11-4b58-9c47-0a57f1e0de11
boot_uuid=5b7f0d3e-2c11-4b58-9c47-0a57f1e0de12
swap_uuid=5b7f0d3e-2c11-4b58-9c47-0a57f1e0de13
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin" SOURCE_DATE_EPOCH=$epoch E2FSPROGS_FAKE_TIME=$epoch

# shellcheck source=scripts/ova.sh
. "$here/ova.sh"
# shellcheck source=scripts/kvm.sh
. "$here/kvm.sh"
# shellcheck source=scripts/test-guest/disk.sh
. "$parts/disk.sh"

fail() {
  echo "test-guest: $*" >&2
  exit 1
}

# The packages of the guest; variants with the same ones share a tree.
tree=full
case $variant in
  full | lvm) ;;
  uefi | uefi-nvram) tree=uefi ;;
  luks | two-kernels | netplan | dracut) tree=$variant ;;
  *) fail "$usage" ;;
esac
firmware=bios
if [ "$tree" = uefi ]; then firmware=efi; fi

packages_of() {
  local packages=linux-image-cloud-amd64,systemd-sysv,udev,kmod,iproute2,open-vm-tools,lvm2,zstd
  case $1 in
    uefi) packages+=,grub-efi-amd64 ;;
    *) packages+=,grub-pc ;;
  esac
  case $1 in
    dracut) packages+=,dracut ;;
    *) packages+=,initramfs-tools ;;
  esac
  case $1 in
    netplan) packages+=,netplan.io,qemu-guest-agent ;;
    *) packages+=,ifupdown,isc-dhcp-client ;;
  esac
  if [ "$1" = luks ]; then packages+=,cryptsetup-initramfs; fi
  if [ "$1" = two-kernels ]; then packages+=,$(older_kernel); fi
  echo "$packages"
}

older_kernel() {
  local current
  current=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
  { apt-cache search --names-only '^linux-image-[0-9.]+-[0-9]+-cloud-amd64$' | cut -d ' ' -f 1; echo "$current"; } |
    sort -Vu | grep -Fxm 1 -B 1 "$current" | head -n 1
}

# Root's, or with root's rights over a tree's files in a user namespace.
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(unshare --map-root-user --map-auto); fi

sources() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    if [ -e "$file" ]; then cat "$file"; fi
  done
}

recipe_of() { printf '%s\n' "$@" | sha256sum | cut -c 1-16; }
# Another checkout may still read what its own recipe made: what nobody asked for in a day goes.
forget_old() { find "$cache" -maxdepth 1 -name "$1" -amin +1440 -delete; }
files=$(find "$parts" "$here/ova.sh" "$here/test-guest.sh" -type f -print0 | sort -z | xargs -0 sha256sum | cut -d ' ' -f 1)
mkdir -p "$cache"
exec 9>"$cache/$variant.lock" 8>"$cache/tree-$tree.lock"
flock 9
finished=$cache/$variant-$(recipe_of "$variant" "$files").ova
if [ -e "$finished" ]; then
  touch -a "$finished"
  echo "$finished"
  exit
fi

work=$(mktemp -d "$cache/.$variant.XXXXXX")
trap '"${as_root[@]}" rm -rf "$work"' EXIT

flock 8
packages=$(packages_of "$tree")
tree_files=$(find "$parts" -mindepth 2 -type f -print0 | sort -z | xargs -0 sha256sum "$parts/tree.sh" | cut -d ' ' -f 1)
tar=$cache/tree-$tree-$(recipe_of "$packages" "$tree_files").tar
if [ ! -e "$tar" ]; then
  echo "test-guest: building the root tree '$tree'" >&2
  forget_old "tree-$tree-????????????????.tar"
  # mmdebstrap has dash write to a descriptor that has to have one digit, so it gets none of the locks.
  sources | mmdebstrap -q --variant=minbase --include="$packages" \
    --customize-hook="'$parts/tree.sh' $tree \"\$1\"" '' "$work/tree.tar" - >&2 3>&- 8>&- 9>&-
  mv "$work/tree.tar" "$tar"
fi

echo "test-guest: building $variant" >&2
mkdir "$work/tree" "$work/ova"
"${as_root[@]}" tar -C "$work/tree" --numeric-owner --xattrs -xpf "$tar"
flock -u 8
disk=$work/disk.raw
truncate -s 3G "$disk"
case $variant in
  lvm) disk_lvm ;;
  luks) disk_luks ;;
  uefi | uefi-nvram) disk_uefi ;;
  *) disk_plain ;;
esac
vmdk "$disk" "$work/ova/$variant-disk1.vmdk" 5b7f0d3e
cp "$parts/guest.ovf" "$work/ova/$variant.ovf"
fill "$work/ova/$variant.ovf" NAME="$variant" FIRMWARE=$firmware \
  SIZE="$(stat -c %s "$work/ova/$variant-disk1.vmdk")" POPULATED="$(populated "$disk")"
ova "$work/ova" "$work/guest.ova" "$variant.ovf" "$variant-disk1.vmdk"
forget_old "$variant-????????????????.ova"
mv "$work/guest.ova" "$finished"
echo "$finished"
