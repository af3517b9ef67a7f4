#!/usr/bin/env bash
# full-system.sh TREE COMMAND...
# Boots a real systemd over a copy of this machine that is thrown away, with journald, logind, the bus
# and a network of its own that leads nowhere, and runs a command there as root. TREE is seen, unchanged
# and unchangeable, at /grantd. GRANTD_TEST_ROOT names another root to boot instead of this machine's.
#
# To be run as root in mount namespaces of its own, which take everything with them:
#   unshare --mount --propagation private
set -euo pipefail

# Process 1 to be: puts the machine together, and becomes its systemd.
boot() {
  local tree=$1 root=/run/machine/root name
  mount --make-rprivate /
  mkdir -p /run/machine/upper /run/machine/work "$root"
  mount -t overlay overlay "$root" \
    -o "lowerdir=${GRANTD_TEST_ROOT:-/},upperdir=/run/machine/upper,workdir=/run/machine/work"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
  for name in dev run; do mount -t tmpfs -o mode=755 tmpfs "$root/$name"; done
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  for name in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${name%:*}" "$root/dev/${name#*:}"; done
  mkdir -p "$root/grantd"
  mount --bind "$tree" "$root/grantd"
  mount -o remount,bind,ro "$root/grantd"

  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  : >"$root/etc/fstab"
  # a journal for each user is kept on disk only
  mkdir -p "$root/var/log/journal"
  # Of what a machine starts, what has to do with devices, clocks and file systems has no place here.
  for name in sysinit local-fs sockets timers; do
    mkdir -p "$root/usr/lib/systemd/system/$name.target.wants"
    mount -t tmpfs tmpfs "$root/usr/lib/systemd/system/$name.target.wants"
    rm -rf "$root/etc/systemd/system/$name.target.wants"
  done
  cat >"$root/etc/systemd/system/grantd-test.target" <<'UNIT'
[Unit]
Requires=sysinit.target sockets.target
Wants=systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service systemd-journal-flush.service
Wants=dbus.socket dbus.service systemd-logind.service systemd-user-sessions.service
After=sysinit.target sockets.target dbus.service systemd-journal-flush.service systemd-logind.service
AllowIsolate=yes
UNIT
  cd "$root"
  mkdir .before
  pivot_root . .before
  umount -l /.before
  # as on a machine: what a child of process 1 mounts for a service, such as its credentials, all see
  mount --make-rshared /
  exec env -i container=grantd-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /usr/lib/systemd/systemd --system --unit=grantd-test.target --show-status=no
}

if [ "$1" = --boot ]; then boot "$2"; fi

tree=$1
shift
mount -t tmpfs -o mode=700,size=1g tmpfs /run
mkdir /run/cgroup
mount -t cgroup2 none /run/cgroup
group=/run/cgroup/grantd-test-$$
mkdir "$group"
(
  echo "$BASHPID" >"$group/cgroup.procs"
  # whatever ends us ends it
  exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
    bash "$0" --boot "$tree"
) >/run/boot.log 2>&1 &
outer=$!
clean() {
  kill -KILL "$outer" 2>/dev/null || true
  wait "$outer" 2>/dev/null || true
  echo 1 >"$group/cgroup.kill" 2>/dev/null || true
  for _ in $(seq 50); do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.05
  done
}
trap clean EXIT

first=
for _ in $(seq 500); do
  first=$(cat "/proc/$outer/task/$outer/children" 2>/dev/null) || true
  first=${first// /}
  [ -n "$first" ] && [ -S "/proc/$first/root/run/systemd/private" ] && break
  kill -0 "$outer" 2>/dev/null || { cat /run/boot.log >&2; exit 70; }
  sleep 0.02
done
inside=(nsenter --target "$first" --mount --pid --uts --ipc --net --cgroup --root --wdns=/
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
state=$(timeout 30 "${inside[@]}" systemctl is-system-running --wait 2>&1) || true
if [ "$state" != running ]; then
  echo "the machine is $state" >&2
  "${inside[@]}" systemctl --no-pager --failed >&2 || true
fi

status=0
"${inside[@]}" systemd-run --quiet --scope --collect \
  env GRANTD_TEST_INSIDE=1 TAP=1 "$@" || status=$?
[ "$status" -eq 0 ] || "${inside[@]}" journalctl --no-pager --boot --lines=200 >&2 || true
exit "$status"
