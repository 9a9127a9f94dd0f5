# Sourced by test-guest.sh: lays the root tree out on a disk of 3 GiB, without loop devices or mounts.
# shellcheck shell=bash disable=SC2154

mib=$((1024 * 1024))

# Makes a file system of type ext4 in $disk: from MiB $1, $2 MiB large, UUID $3, holding the folder $4.
ext4() {
  "${as_root[@]}" mke2fs -q -t ext4 -U "$3" -E "offset=$(($1 * mib)),hash_seed=$3,root_owner=0:0" -d "$4" "$disk" "${2}M"
}

# Copies file $1 into $disk at MiB $2; blocks of zeros stay holes.
place() { dd if="$1" of="$disk" bs=1M seek="$2" conv=notrunc,sparse status=none; }

swap() {
  truncate -s "${2}M" "$work/swap"
  chmod 600 "$work/swap"
  mkswap -q -U "$swap_uuid" "$work/swap"
  place "$work/swap" "$1"
}

in_tree() { "${as_root[@]}" tee "$work/tree/$1" >/dev/null; }

# Writes what names devices: the root's name, where GRUB finds /boot ($2: its UUID, $3: the path in it), and fstab from stdin.
name_devices() {
  local root=$1 uuid=$2 prefix=$3 kernel
  in_tree etc/fstab
  {
    printf 'set default=0\nset timeout=0\ninsmod part_msdos\ninsmod part_gpt\ninsmod ext2\n'
    echo "search --no-floppy --fs-uuid --set=root $uuid"
    for kernel in $(find "$work/tree/lib/modules" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -Vr); do
      echo "menuentry 'Debian GNU/Linux, with Linux $kernel' --class debian --class gnu-linux --class gnu --class os {"
      echo "	linux	$prefix/vmlinuz-$kernel root=$root ro console=tty0 console=ttyS0,115200 quiet"
      echo "	initrd	$prefix/initrd.img-$kernel"
      echo '}'
    done
  } | in_tree boot/grub/grub.cfg
}

# Installs GRUB for BIOS: its modules beside its configuration, its core in the gap behind the MBR.
grub_bios() {
  local from=/usr/lib/grub/i386-pc
  "${as_root[@]}" mkdir -p "$work/tree/boot/grub/i386-pc"
  "${as_root[@]}" cp $from/*.mod $from/*.lst "$work/tree/boot/grub/i386-pc"
  grub-mkimage -O i386-pc -d $from -p "(hd0,msdos1)$1" -o "$work/core.img" biosdisk part_msdos ext2 normal search search_fs_uuid
}

write_grub_bios() {
  dd if=/usr/lib/grub/i386-pc/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
}

disk_plain() {
  sfdisk -q "$disk" <<<$'label: dos\nlabel-id: 0x5b7f0d3e\nstart=1MiB, size=2752MiB, type=83, bootable\nsize=256MiB, type=82'
  name_devices /dev/sda1 "$root_uuid" /boot <<<$'/dev/sda1 / ext4 errors=remount-ro 0 1\n/dev/sda2 none swap sw 0 0'
  grub_bios /boot/grub
  ext4 1 2752 "$root_uuid" "$work/tree"
  swap 2753 256
  write_grub_bios
}

disk_lvm() {
  sfdisk -q "$disk" <<<$'label: dos\nlabel-id: 0x5b7f0d3e\nstart=1MiB, size=256MiB, type=83, bootable\ntype=8e'
  name_devices /dev/mapper/vg0-root "$boot_uuid" '' <<END
/dev/mapper/vg0-root / ext4 errors=remount-ro 0 1
/dev/sda1 /boot ext4 defaults 0 2
/dev/mapper/vg0-swap none swap sw 0 0
END
  grub_bios /grub
  # Both volumes are the first ones in an empty group, so each is one stretch of the disk.
  LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=$(kvm_works || echo force_tcg) \
    guestfish --format=raw -a "$disk" >"$work/segments" <<'END'
run
pvcreate /dev/sda2
vgcreate vg0 /dev/sda2
lvcreate root vg0 2400
lvcreate swap vg0 256
debug sh "lvm pvs --noheadings --nosuffix --units m --segments -o pe_start,pvseg_start,vg_extent_size,lv_name"
END
  "${as_root[@]}" mv "$work/tree/boot" "$work/boot"
  "${as_root[@]}" mkdir "$work/tree/boot"
  ext4 1 256 "$boot_uuid" "$work/boot"
  ext4 "$(start_of root)" 2400 "$root_uuid" "$work/tree"
  swap "$(start_of swap)" 256
  write_grub_bios
}

disk_luks() {
  sfdisk -q "$disk" <<END
label: dos
label-id: 0x5b7f0d3e
start=1MiB, size=256MiB, type=83, bootable
size=1032MiB, type=83
size=256MiB, type=82
END
  name_devices /dev/mapper/cryptroot "$boot_uuid" '' <<END
/dev/mapper/cryptroot / ext4 errors=remount-ro 0 1
/dev/sda1 /boot ext4 defaults 0 2
/dev/sda3 none swap sw 0 0
END
  in_tree etc/crypttab <<<'cryptroot /dev/sda2 /etc/keys/root.key luks'
  grub_bios /grub
  "${as_root[@]}" mv "$work/tree/boot" "$work/boot"
  "${as_root[@]}" mkdir "$work/tree/boot"
  ext4 1 256 "$boot_uuid" "$work/boot"
  truncate -s 1024M "$work/root"
  disk=$work/root ext4 0 1024 "$root_uuid" "$work/tree"
  # LUKS 1; few rounds, since it is opened under software emulation.
  "${as_root[@]}" cat "$work/tree/etc/keys/root.key" >"$work/key"
  qemu-img convert -q --object secret,id=key,file="$work/key" -O luks -o key-secret=key,iter-time=10 "$work/root" "$work/luks"
  place "$work/luks" 257
  swap 1289 256
  write_grub_bios
}

# The MiB at which logical volume $1 begins on the disk.
start_of() { awk -v lv="$1" '$4 == lv { print 257 + $1 + $2 * $3 }' "$work/segments"; }

disk_uefi() {
  sfdisk -q "$disk" <<END
label: gpt
label-id: 5B7F0D3E-2C11-4B58-9C47-0A57F1E0DE00
start=1MiB, size=64MiB, type=uefi
size=2688MiB, type=linux
size=256MiB, type=swap
END
  name_devices /dev/sda2 "$root_uuid" /boot <<END
/dev/sda2 / ext4 errors=remount-ro 0 1
/dev/sda1 /boot/efi vfat umask=0077 0 1
/dev/sda3 none swap sw 0 0
END
  local from=/usr/lib/grub/x86_64-efi
  "${as_root[@]}" mkdir -p "$work/tree/boot/grub/x86_64-efi" "$work/tree/boot/efi"
  "${as_root[@]}" cp $from/*.mod $from/*.lst "$work/tree/boot/grub/x86_64-efi"
  printf "search.fs_uuid %s root\nset prefix=(\$root)'/boot/grub'\nconfigfile \$prefix/grub.cfg\n" "$root_uuid" >"$work/grub.cfg"
  grub-mkimage -O x86_64-efi -d $from -p /EFI/debian -o "$work/grubx64.efi" \
    fat part_gpt ext2 normal configfile linux search search_fs_uuid all_video
  truncate -s 64M "$work/esp"
  mformat -i "$work/esp" -N 5b7f0d3e -F ::
  mmd -i "$work/esp" ::EFI ::EFI/debian ::EFI/BOOT
  mcopy -i "$work/esp" "$work/grubx64.efi" "$work/grub.cfg" ::EFI/debian
  if [ "$variant" != uefi-nvram ]; then
    mcopy -i "$work/esp" "$work/grubx64.efi" ::EFI/BOOT/BOOTX64.EFI
    mcopy -i "$work/esp" "$work/grub.cfg" ::EFI/BOOT
  fi
  place "$work/esp" 1
  ext4 65 2688 "$root_uuid" "$work/tree"
  swap 2753 256
}
