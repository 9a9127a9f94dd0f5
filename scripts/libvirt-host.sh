#!/usr/bin/env bash
# Builds a small Debian host with libvirt, LVM, NFS and sshd, and prints the folder with its vmlinuz, initrd and root.raw. It is
# built once, then kept in $H2K_CACHE. It has no systemd: busybox is its init. Its kernel's command line says by ssh_key=BASE64 who
# is root there (ed25519), and what is on its second disk is lost to a volume group vg0.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parts=$here/libvirt-host
cache=${H2K_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/h2k}
root_uuid=8d0f6c5e-7a1b-4c3e-9b2a-0a57f1e0de21
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
packages_of_host=libvirt-daemon,libvirt-clients,qemu-system-x86,qemu-utils,lvm2,nfs-kernel-server,openssh-server,udev,kmod,iproute2,mount

# shellcheck source=scripts/kernel-package.sh
. "$here/kernel-package.sh"

fail() {
  echo "libvirt-host: $*" >&2
  exit 1
}

mkdir -p "$cache"
exec 9>"$cache/libvirt-host.lock"
flock 9
work=$(mktemp -d "$cache/.libvirt-host.XXXXXX")
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(unshare --map-root-user --map-auto); fi
trap '"${as_root[@]}" rm -rf "$work"' EXIT
find_packages

files=$(find "$parts" "$here/libvirt-host.sh" "$here/kernel-package.sh" "$here/demo-guest/init" -type f -print0 | sort -z | xargs -0 sha256sum | cut -d ' ' -f 1)
recipe=$({ basename -a "$kernel_deb" "$busybox_deb"; echo "$files"; } | sha256sum | cut -c 1-16)
finished=$cache/libvirt-host-$recipe
if [ -e "$finished" ]; then
  echo "$finished"
  exit
fi

echo 'libvirt-host: building it' >&2
packages=$work/packages initramfs=$work/initramfs made=$work/made tree=$work/tree
mkdir -p "$packages" "$initramfs"/{bin,etc} "$made" "$tree"
unpack_packages

sources() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    if [ -e "$file" ]; then cat "$file"; fi
  done
}
# mmdebstrap has dash write to a descriptor that has to have one digit, so it gets no lock.
sources | mmdebstrap -q --variant=essential --include="$packages_of_host" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook="'$parts/tree.sh' \"\$1\"" '' "$work/tree.tar" - >&2 3>&- 9>&-
"${as_root[@]}" tar -C "$tree" --numeric-owner --xattrs -xpf "$work/tree.tar"
rm "$work/tree.tar"

"${as_root[@]}" cp "$busybox" "$tree/bin/busybox"
"${as_root[@]}" ln -sf /bin/busybox "$tree/sbin/init"
"${as_root[@]}" tee "$tree/etc/fstab" >/dev/null </dev/null
"${as_root[@]}" mkdir -p "$tree/lib/modules"
add_modules "$work/host" "$parts/modules"
"${as_root[@]}" cp -R "$work/host/lib/modules/." "$tree/lib/modules"
# kmod reads what busybox does not write.
"${as_root[@]}" chroot "$tree" depmod "$release"
truncate -s 3G "$made/root.raw"
"${as_root[@]}" mke2fs -q -t ext4 -m 0 -U "$root_uuid" -E root_owner=0:0 -d "$tree" "$made/root.raw"

cp "$busybox" "$initramfs/bin"
cp "$here/demo-guest/init" "$initramfs"
cp "$parts/boot-modules" "$initramfs/etc/modules"
add_modules "$initramfs" "$parts/boot-modules"
initramfs_of "$initramfs" >"$made/initrd"
cp "$packages/boot/vmlinuz-$release" "$made/vmlinuz"

"${as_root[@]}" rm -rf "$cache"/libvirt-host-????????????????
mv "$made" "$finished"
echo "$finished"
