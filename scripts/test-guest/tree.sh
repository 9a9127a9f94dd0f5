#!/usr/bin/env bash
# Finishes the root tree $2 of test guest $1, as mmdebstrap's last hook.
set -euo pipefail
variant=$1 tree=$2
parts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

lay() { tar -C "$parts/$1" --owner=0 --group=0 --mode=u=rwX,go=rX -c . | tar -C "$tree" -xp; }

# Makes the initramfs of kernel $1 without virtio, as on a machine that has only seen VMware.
without_virtio() {
  if [ "$variant" = dracut ]; then
    local omit='virtio virtio_blk virtio_scsi virtio_net virtio_pci virtio_ring'
    chroot "$tree" dracut -q --force --no-hostonly --omit-drivers "$omit" "/boot/initrd.img-$1" "$1"
  else
    chroot "$tree" update-initramfs -u -k "$1"
  fi
}

lay root
case $variant in
  netplan)
    lay netplan
    chmod 600 "$tree/etc/netplan/01-netcfg.yaml"
    chroot "$tree" systemctl enable systemd-networkd
    : >"$tree/etc/h2k-stays"
    ;;
  *) lay ifupdown ;;
esac

if [ "$variant" = luks ]; then
  lay luks
  chmod 600 "$tree/etc/keys/root.key"
fi
chroot "$tree" systemctl -q enable h2k-marker

mapfile -t kernels < <(find "$tree/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V)
newest=${kernels[-1]}
if [ "$variant" = dracut ]; then
  without_virtio "$newest"
else
  if [ "$variant" = two-kernels ]; then
    # The older kernel can boot on both: only the newer one is in need of repair.
    chroot "$tree" update-initramfs -u -k "${kernels[0]}"
  fi
  lay initramfs-tools
  # virt-v2v would take the default, 9: under emulation that is half of its time. h2k chooses by itself.
  case $variant in
    full | uefi) echo COMPRESSLEVEL=1 >"$tree/etc/initramfs-tools/conf.d/level" ;;
  esac
  without_virtio "$newest"
fi
echo '(hd0) /dev/sda' >"$tree/boot/grub/device.map"
