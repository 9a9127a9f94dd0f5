#!/usr/bin/env bash
# A libvirtd of its own in FOLDER, beside whatever libvirt the machine runs: its sockets, settings, domains, NVRAM and
# logs are all in FOLDER, which it sees in place of /run/libvirt, /etc/libvirt and /var/lib/libvirt. Needs root.
#   scripts/private-libvirtd.sh start FOLDER [PORT]    prints its URI; on PORT it listens to this host, without a password
#   scripts/private-libvirtd.sh stop FOLDER     ends its domains and itself
#   scripts/private-libvirtd.sh kill FOLDER     ends it as a crash would: its domains go on
set -euo pipefail

fail() {
  echo "private-libvirtd: $*" >&2
  exit 1
}

uri() { echo "qemu+unix:///system?socket=$folder/run/libvirt-sock"; }

# One that has ended stays as a zombie where process 1 does not wait for it.
alive() {
  local state
  state=$(sed -n 's/^State:\s*//p' "/proc/$1/status" 2>/dev/null) || return 1
  [ -n "$state" ] && [ "${state:0:1}" != Z ] && [ "${state:0:1}" != X ]
}

await_end() {
  local tries
  for tries in {1..100}; do
    alive "$1" || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

end() {
  local pid_file="$folder/$1.pid" pid
  [ -e "$pid_file" ] || return 0
  pid=$(cat "$pid_file")
  rm -f "$pid_file"
  alive "$pid" || return 0
  kill "-$2" "$pid"
  await_end "$pid"
}

# In a mount namespace of its own, which the daemons and their QEMUs keep.
inside() {
  local pair
  mount --make-rprivate /
  for pair in run:/run/libvirt etc:/etc/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt \
    tpm:/var/lib/swtpm-localca tpm-log:/var/log/swtpm; do
    mkdir -p "$folder/${pair%%:*}" "${pair##*:}"
    mount --bind "$folder/${pair%%:*}" "${pair##*:}"
  done
  virtlogd -p "$folder/virtlogd.pid" >"$folder/virtlogd.out" 2>&1 </dev/null &
  libvirtd ${port:+--listen} -f "$folder/etc/libvirtd.conf" -p "$folder/libvirtd.pid" >"$folder/libvirtd.out" 2>&1 </dev/null &
}

start() {
  local tries displays=$((10000 + RANDOM % 220 * 100))
  [ "$(id -u)" -eq 0 ] || fail 'needs root'
  mkdir -p "$folder/etc/qemu/networks" "$folder/lib/images"
  # QEMU runs as somebody else, who has to come by here.
  chmod a+rx "$folder" "$folder/lib"
  cat >"$folder/etc/libvirtd.conf" <<-CONF
	auth_unix_ro = "none"
	auth_unix_rw = "none"
	listen_tls = 0
	listen_tcp = 1
	listen_addr = "127.0.0.1"
	tcp_port = "${port:-16509}"
	auth_tcp = "none"
	CONF
  # Cgroups and the namespaces of devices are the machine's own libvirt's. Two libvirts that look for a free port for the
  # screens of their domains at once would find the same; those above 32767 the kernel gives to whoever connects somewhere.
  cat >"$folder/etc/qemu.conf" <<-CONF
	cgroup_controllers = [ ]
	namespaces = [ ]
	security_driver = "none"
	remote_display_port_min = $displays
	remote_display_port_max = $((displays + 99))
	swtpm_user = "root"
	swtpm_group = "root"
	CONF
  export folder port
  export -f inside
  unshare --mount --propagation unchanged bash -euc inside
  for tries in {1..100}; do
    if virsh -q -c "$(uri)" version >/dev/null 2>&1; then
      uri
      return
    fi
    sleep 0.1
  done
  tail -5 "$folder/libvirtd.out" >&2
  fail "libvirtd did not come up in $folder"
}

stop() {
  local uuid
  if [ -e "$folder/libvirtd.pid" ]; then
    for uuid in $(virsh -q -c "$(uri)" list --uuid 2>/dev/null); do
      virsh -q -c "$(uri)" destroy -- "$uuid" >/dev/null
    done
  fi
  end libvirtd TERM
  end virtlogd TERM
}

[ $# -eq 2 ] || [ "$1" = start ] || fail 'usage: private-libvirtd.sh start|stop|kill FOLDER'
port=${3-}
mkdir -p "$2"
folder=$(cd "$2" && pwd)
case $1 in
  start) start ;;
  stop) stop ;;
  kill) end libvirtd KILL ;;
  *) fail "no such thing: $1" ;;
esac
