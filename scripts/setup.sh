#!/usr/bin/env bash
# Brings a machine that has Node, npm and git to where h2k is built, and says nothing when it is there already.
#   scripts/setup.sh        what h2k itself needs
#   scripts/setup.sh demo   also what builds the demo's guest
#   scripts/setup.sh libvirt  also what the demo for libvirt runs in
#   scripts/setup.sh guest  also what builds the test guests, repairs and boots them
#   scripts/setup.sh test   also what the tests trace and check it with
set -euo pipefail

# Each Debian package with a tool or path by which another system shows that it has the same.
always_packages=(qemu-utils:qemu-img)
demo_packages=(cpio:cpio e2fsprogs:mke2fs fdisk:sfdisk grub-pc-bin:grub-mkimage)
libvirt_packages=(libvirt-clients:virsh libvirt-daemon-system:libvirtd qemu-system-x86:qemu-system-x86_64)
test_packages=(
  ceph-common:rbd ceph-mon:ceph-mon ceph-osd:ceph-osd chromium:chromium
  libdeflate0:/usr/lib/x86_64-linux-gnu/libdeflate.so.0 libvirt-clients:virsh
  libvirt-daemon-driver-storage-rbd:/usr/lib/x86_64-linux-gnu/libvirt/storage-backend/libvirt_storage_backend_rbd.so
  libvirt-daemon-system:libvirtd libxml2-utils:xmllint ntfs-3g:mkntfs openssl:openssl openssh-client:ssh-keygen
  python3-prometheus-client:/usr/lib/python3/dist-packages/prometheus_client
  qemu-block-extra:/usr/lib/x86_64-linux-gnu/qemu/block-rbd.so shellcheck:shellcheck
  strace:strace swtpm:swtpm swtpm-tools:swtpm_setup util-linux-extra:fincore
)
# What builds, repairs and boots whole guests. libguestfs needs a kernel to boot its appliance with.
guest_packages=(
  grub-efi-amd64-bin:/usr/lib/grub/x86_64-efi guestfish:guestfish linux-image-cloud-amd64:/boot mmdebstrap:mmdebstrap
  python3-guestfs:/usr/lib/python3/dist-packages/guestfs.py xz-utils:xz
  mtools:mformat nbdkit:nbdkit ovmf:/usr/share/OVMF qemu-system-x86:qemu-system-x86_64 virt-v2v:virt-v2v-in-place
)

fail() {
  echo "setup: $*" >&2
  exit 1
}

# Runs a command whose output matters only when it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || {
    printf '%s\n' "$output" >&2
    return 1
  }
}

install_modules() {
  if [ node_modules/.package-lock.json -nt package-lock.json ]; then return; fi
  echo 'setup: installing the npm packages'
  # The install scripts would compile what better-sqlite3 and esbuild bring compiled.
  local options=(--ignore-scripts --include=dev --no-audit --no-fund --loglevel=error)
  # npm ci refuses a lock file written where the registry had not every platform's build of a package;
  # npm install takes the versions from it all the same.
  npm ci "${options[@]}" >/dev/null 2>&1 && return
  quietly npm install --no-save "${options[@]}" || fail "'npm install' failed: see above"
}

# On linux-x64 the project brings its own Node; elsewhere the installed one has to do.
check_node() {
  local version
  version=$(PATH=$PWD/node_modules/.bin:$PATH node --version) || fail 'node does not run'
  version=${version#v}
  [ "${version%%.*}" -ge 22 ] || fail "Node $version is too old: install Node 22 or newer, try again"
}

as_root() {
  local become=()
  if [ "$(id -u)" -ne 0 ]; then become=(sudo); fi
  "${become[@]}" "$@"
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }

# Of what is installed only Ceph's collector of crashes starts by itself that nobody wants here.
keep_off_ceph() {
  if [ ! -d /run/systemd/system ] || [[ " $* " != *" ceph-osd "* ]]; then return; fi
  as_root systemctl --quiet mask ceph-crash.service
}

# The Debian packages among PACKAGE:TOOL that are not installed.
missing_packages() {
  local installed pair
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${@%%:*}" 2>/dev/null) || true
  for pair; do
    grep -qx "installed ${pair%%:*}" <<<"$installed" || echo "${pair%%:*}"
  done
}

# Where there is no apt, the tools have to be there already.
check_tools() {
  local pair missing=''
  PATH=$PATH:/usr/sbin:/sbin
  for pair; do
    command -v "${pair##*:}" >/dev/null || [ -e "${pair##*:}" ] ||
      missing+="${missing:+, }${pair##*:} (${pair%%:*} in Debian)"
  done
  [ -z "$missing" ] || fail "this is not Debian: install $missing, then try again"
}

install_packages() {
  local missing
  if ! command -v apt-get >/dev/null; then
    check_tools "$@"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  printf 'setup: installing %s\n' "${missing[@]}"
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail "that needs root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  keep_off_ceph "${missing[@]}"
  # apt's lists may be empty, or name versions that the mirror has dropped.
  apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return
  quietly apt_get update || fail "'apt-get update' failed: see above"
  quietly apt_get install -y --no-install-recommends "${missing[@]}" || fail "'apt-get install' failed: see above"
}

build() {
  local built=''
  if [ -d dist ]; then built=$(find dist -type f -exec ls -t {} + | sed -n 1p); fi
  if [ -n "$built" ] && [ -z "$(find src schemas profiles state package.json -newer "$built" -print)" ]; then return; fi
  echo 'setup: building h2k'
  quietly npm run --silent build || fail "'npm run build' failed: see above"
}

# In a shell of its own, so that a script which sources this file stays where it is.
setup() (
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  packages=("${always_packages[@]}")
  case ${1-} in
    '') ;;
    demo) packages+=("${demo_packages[@]}") ;;
    libvirt) packages+=("${demo_packages[@]}" "${libvirt_packages[@]}") ;;
    guest) packages+=("${demo_packages[@]}" "${guest_packages[@]}") ;;
    test) packages+=("${demo_packages[@]}" "${guest_packages[@]}" "${test_packages[@]}") ;;
    *) fail "usage: scripts/setup.sh [demo|libvirt|guest|test]" ;;
  esac
  install_modules
  check_node
  install_packages "${packages[@]}"
  build
)

setup "$@"
