#!/usr/bin/env bash
# Builds web01.ova in the folder given: a small Linux out of Debian's packages, as VMware would export it.
# It boots on pvscsi and vmxnet3 and on virtio alike.
set -euo pipefail

out=${1:?usage: scripts/demo-guest.sh OUTPUT_FOLDER}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parts=$here/demo-guest
cache=${XDG_CACHE_HOME:-$HOME/.cache}/h2k
root_uuid=8d0f6c5e-7a1b-4c3e-9b2a-0a57f1e0de01
data_uuid=8d0f6c5e-7a1b-4c3e-9b2a-0a57f1e0de02
epoch=1700000000
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin" E2FSPROGS_FAKE_TIME=$epoch

# shellcheck source=scripts/ova.sh
. "$here/ova.sh"
# shellcheck source=scripts/kernel-package.sh
. "$here/kernel-package.sh"

fail() {
  echo "demo-guest: $*" >&2
  exit 1
}

mkdir -p "$out" "$cache"
out=$(cd "$out" && pwd)
work=$(mktemp -d "$out/.web01.XXXXXX")
trap 'rm -rf "$work"' EXIT

find_packages

recipe=$({
  basename -a "$kernel_deb" "$busybox_deb"
  dpkg-query -W grub-pc-bin
  find "$here/demo-guest.sh" "$here/ova.sh" "$here/kernel-package.sh" "$parts" -type f -print0 | sort -z | xargs -0 cat
} | sha256sum)
if [ -e "$out/web01.ova" ] && [ "$(cat "$out/.web01.recipe" 2>/dev/null)" = "$recipe" ]; then exit 0; fi

# Inside a user namespace of its own, a plain user's files belong to root in the file systems made here.
as_root=(unshare --map-root-user)
if [ "$(id -u)" -eq 0 ] || ! "${as_root[@]}" true 2>/dev/null; then as_root=(env); fi

# Gives the tree $1 the same modes and times whoever checked it out and whenever.
settle() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch -h -d "@$epoch" {} +
}

# Makes an ext4 in file $1 from byte $2 on, of size $3, with UUID $4 and label $5, holding the tree $6.
ext4() {
  settle "$6"
  "${as_root[@]}" mke2fs -q -t ext4 -m 0 -O ^metadata_csum_seed -U "$4" -L "$5" -d "$6" \
    -E "offset=$2,hash_seed=$4,root_owner=0:0" "$1" "$3"
  # mke2fs takes over the time at which each inode of the tree changed, which nothing can set.
  find "$6" -printf 'sif "/%P" ctime @0\nsif "/%P" ctime_extra 0\n' >"$work/times"
  debugfs -w -f "$work/times" "$1?offset=$2" >/dev/null 2>&1
}

echo "building web01.ova from $(basename "$kernel_deb")"
packages=$work/packages root=$work/root initramfs=$work/initramfs data=$work/data ova=$work/ova
mkdir -p "$packages" "$root"/{bin,boot/grub,data,dev,proc,root,sbin,sys,tmp,var/log} "$initramfs/etc" "$data" "$ova"
unpack_packages

# The root tree, and the initramfs as the part of it that is needed before it.
cp -R "$parts/root/." "$root"
cp "$busybox" "$root/bin"
for name in $("$busybox" --list); do
  if [ "$name" != busybox ]; then ln -s busybox "$root/bin/$name"; fi
done
ln -s ../bin/busybox "$root/sbin/init"
add_modules "$root" "$parts/modules"
mkdir "$initramfs/bin"
cp "$busybox" "$initramfs/bin"
cp -R "$root/lib" "$initramfs"
cp "$parts/init" "$initramfs"
cp "$parts/modules" "$initramfs/etc"
settle "$initramfs"
initramfs_of "$initramfs" >"$root/boot/initrd.img-$release"
cp "$packages/boot/vmlinuz-$release" "$root/boot"
cp "$parts/grub.cfg" "$root/boot/grub"
fill "$root/boot/grub/grub.cfg" RELEASE="$release" ROOT_UUID=$root_uuid
fill "$root/etc/fstab" ROOT_UUID=$root_uuid

# The boot disk: an MBR with GRUB's first stage, its core right behind it, one partition.
truncate -s 256M "$work/boot.raw"
sfdisk -q "$work/boot.raw" <<<$'label: dos\nlabel-id: 0x4832a001\nstart=2048, type=83, bootable'
ext4 "$work/boot.raw" $((2048 * 512)) 255M $root_uuid root "$root"
grub=/usr/lib/grub/i386-pc
grub-mkimage -O i386-pc -d $grub -p '(hd0,msdos1)/boot/grub' -o "$work/core.img" \
  biosdisk part_msdos ext2 normal configfile linux search search_fs_uuid
dd if=$grub/boot.img of="$work/boot.raw" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$work/boot.raw" bs=512 seek=1 conv=notrunc status=none

# The data disk: a file system without partitions, and sums by which a boot sees that it is whole.
seq -f 'order %07.0f;paid' 250000 >"$data/orders.csv"
cp "$packages/boot/config-$release" "$data"
(cd "$data" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
truncate -s 1G "$work/data.raw"
ext4 "$work/data.raw" 0 1G $data_uuid data "$data"

vmdk "$work/boot.raw" "$ova/web01-disk1.vmdk" 4832a001
vmdk "$work/data.raw" "$ova/web01-disk2.vmdk" 4832a002
cp "$parts/web01.ovf" "$ova"
for n in 1 2; do
  disk=$ova/web01-disk$n.vmdk
  fill "$ova/web01.ovf" "DISK${n}_SIZE=$(stat -c %s "$disk")" "DISK${n}_POPULATED=$(populated "$disk")"
done
ova "$ova" "$work/web01.ova" web01.ovf web01-disk1.vmdk web01-disk2.vmdk
mv "$work/web01.ova" "$out"
echo "$recipe" >"$out/.web01.recipe"
