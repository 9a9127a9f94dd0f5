# Sourced by the scripts that build guests: raw disks become VMDKs, and those an OVA.
# shellcheck shell=bash disable=SC2154

# Fills in the @NAME@ words of file $1; NAME=value pairs follow.
fill() {
  local file=$1 pair
  shift
  for pair; do sed -i "s|@${pair%%=*}@|${pair#*=}|g" "$file"; done
}

# Writes disk $1 as the VMDK $2, with the content id $3 in place of the one that qemu-img draws at random.
vmdk() {
  qemu-img convert -f raw -O vmdk -o subformat=streamOptimized,adapter_type=lsilogic "$1" "$2"
  local at
  at=$(grep -abom 1 '^CID=' "$2" | cut -d : -f 1)
  printf %s "$3" | dd of="$2" bs=1 seek=$((at + 4)) conv=notrunc status=none
}

populated() { qemu-img map --output=json "$1" | awk -F '[:,]' '/"data": true/ { sum += $4 } END { print sum }'; }

# Packs the files of folder $1 as the OVA $2: the OVF named first, a manifest of digests, then the disks named.
ova() {
  local folder=$1 to=$2 ovf=$3
  shift 3
  (cd "$folder" && sha256sum --tag "$ovf" "$@" | sed 's/ (/(/; s/) =/)=/' >"${ovf%.ovf}.mf")
  tar --format=ustar --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode=0644 -C "$folder" \
    -cf "$to" "$ovf" "${ovf%.ovf}.mf" "$@"
}
