#!/usr/bin/env bash
# Fetches the domains that libvirt tests itself with, out of the source package that belongs to this Debian's libvirt, and prints
# the folder that they are in, with the file `version`. Asks apt with sources and lists of its own: needs no root, and changes nothing
# of the machine. Kept in $H2K_CACHE (~/.cache/h2k).
set -euo pipefail

cache=${H2K_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/h2k}/libvirt-samples
folders=(qemuxml2argvdata qemuxml2xmloutdata genericxml2xmlindata domainschemadata)

fail() {
  echo "libvirt-samples: $*" >&2
  exit 1
}

# The machine's own sources, but of source packages.
sources() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    # Only Debian's own: others ask for keys and addresses that this has no need of.
    if [ -e "$file" ] && grep -q 'debian' "$file"; then sed 's/^Types:.*/Types: deb-src/' "$file" && echo; fi
  done
}
old_sources() {
  if [ -e /etc/apt/sources.list ]; then sed -nE 's/^deb(-src)?\s/deb-src /p' /etc/apt/sources.list | sort -u; fi
}

mkdir -p "$cache"
exec 9>"$cache.lock"
flock 9
if [ -e "$cache/tests" ]; then
  echo "$cache/tests"
  exit
fi
command -v apt-get >/dev/null || fail 'this is not Debian: there is no apt'

work=$(mktemp -d "$cache/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/sources.d" "$work/archives/partial"
sources >"$work/sources.d/own.sources"
old_sources >"$work/sources.d/own.list"
apt=(
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources.d" -o "Dir::State::Lists=$work/lists"
  -o "Dir::Cache=$work" -o Debug::NoLocking=true -o APT::Sandbox::User=root -o Acquire::Languages=none
)
echo 'libvirt-samples: fetching the source package of libvirt' >&2
"${apt[@]}" update >&2
(cd "$work" && "${apt[@]}" source --download-only libvirt >&2)
tar -C "$work" --strip-components=1 --wildcards -xf "$work"/libvirt_*.orig.tar.xz "${folders[@]/#/*/tests/}"
awk '$1 == "Version:" { print $2; exit }' "$work"/libvirt_*.dsc >"$work/tests/version"
mv "$work/tests" "$cache/tests"
echo "$cache/tests"
