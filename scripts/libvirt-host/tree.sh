#!/usr/bin/env bash
# Finishes the root tree $1 of the host, as mmdebstrap's last hook.
set -euo pipefail
tree=$1
parts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

tar -C "$parts/root" --owner=0 --group=0 --mode=u=rwX,go=rX -c . | tar -C "$tree" -xp
cp "$parts/modules" "$tree/etc/modules"
chmod 755 "$tree/usr/local/sbin/h2k-host"
# What libvirt-daemon-system would make, which wants systemd.
chroot "$tree" useradd --system --user-group --no-create-home --shell /usr/sbin/nologin libvirt-qemu
chroot "$tree" groupadd --system libvirt
# libvirtd asks each QEMU what it can do, which takes long where QEMU is emulated itself.
rm -f "$tree/usr/bin/qemu-system-i386" "$tree"/usr/share/qemu/firmware/*
ln -sf ../proc/self/mounts "$tree/etc/mtab"
mkdir -p "$tree"/srv/{dir,nfs,small} "$tree/root/.ssh"
chmod 700 "$tree/root/.ssh"
