# Sourced by the scripts that build small guests: Debian's cloud kernel and busybox out of their packages, kept in $cache.
# shellcheck shell=bash disable=SC2154

newest() { find "$cache" -name "$1_*_amd64.deb" | sort -V | tail -n 1; }

# Fetches the Debian package $1 into the cache, which never holds half a file.
fetch() {
  echo "fetching $1" >&2
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$1" >&2) ||
    fail "apt cannot fetch $1: run 'apt-get update' and try again"
  mv "$work"/*.deb "$cache"
}

# Sets kernel_deb and busybox_deb.
find_packages() {
  local kernel
  kernel_deb=$(newest 'linux-image-*-cloud-amd64')
  if [ -z "$kernel_deb" ]; then
    kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2; exit }') || true
    [ -n "$kernel" ] || fail "apt knows no linux-image-cloud-amd64: the guest is built on Debian for amd64"
    fetch "$kernel"
    kernel_deb=$(newest 'linux-image-*-cloud-amd64')
  fi
  busybox_deb=$(newest busybox-static)
  if [ -z "$busybox_deb" ]; then
    fetch busybox-static
    busybox_deb=$(newest busybox-static)
  fi
}

# Unpacks both into $packages, and sets busybox and release.
unpack_packages() {
  dpkg-deb -x "$kernel_deb" "$packages"
  dpkg-deb -x "$busybox_deb" "$packages"
  busybox=$packages/bin/busybox
  release=$(basename "$packages"/lib/modules/*)
  "$busybox" depmod -b "$packages" "$release"
}

# Puts into the tree $1 the modules that file $2 names and those they depend on.
add_modules() {
  local from=$packages/lib/modules/$release to=$1/lib/modules/$release
  mkdir -p "$to"
  awk 'NR == FNR { wanted[$1 ".ko:"]; next } { name = $1; sub(/.*\//, "", name) } name in wanted' \
    "$2" "$from/modules.dep" | tr -d : | tr ' ' '\n' | sort -u >"$work/modules"
  tar -cC "$from" -T "$work/modules" | tar -xC "$to"
  "$busybox" depmod -b "$1" "$release"
}

# Packs the folder $1 as an initramfs.
initramfs_of() {
  (cd "$1" && find . -print | sort | cpio --quiet --reproducible -o -H newc -R 0:0) | gzip -9n
}
