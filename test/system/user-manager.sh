#!/usr/bin/env bash
# user-manager.sh UID PLACE TREE COMMAND...
# Runs a command as a user that exists only here, beside a real systemd of that user. TREE is
# seen at PLACE, an empty directory, whoever may read the directories above it.
#
# To be run as root in mount and pid namespaces of its own, which take everything with them:
#   unshare --mount --pid --fork --kill-child --mount-proc --propagation private
set -euo pipefail
uid=$1 place=$2 tree=$3
shift 3
user=grantd-test
runtime=/run/user/$uid
home=/run/home

mount --bind "$tree" "$place"
# Its own /run: a directory there is what systemd takes for a machine that it has booted.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system "$runtime" "$home"
chmod 700 "$runtime" "$home"
chown "$uid:$uid" "$runtime" "$home"
for file in passwd group; do cp "/etc/$file" "/run/$file"; done
echo "$user:x:$uid:$uid::$home:/bin/sh" >>/run/passwd
echo "$user:x:$uid:" >>/run/group
for file in passwd group; do mount --bind "/run/$file" "/etc/$file"; done

# Its own part of the control groups, which a user's systemd has to be master of.
umount -R -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
group=/sys/fs/cgroup/grantd-test-$uid-$RANDOM
mkdir -p "$group/init.scope" "$group/driver"
chown "$uid:$uid" "$group" "$group"/{cgroup.procs,cgroup.subtree_control,cgroup.threads} \
  "$group/init.scope" "$group/init.scope/cgroup.procs" "$group/driver" "$group/driver/cgroup.procs"

as_user=(setpriv "--reuid=$uid" "--regid=$uid" --init-groups
  env -i "HOME=$home" "USER=$user" "LOGNAME=$user" SHELL=/bin/sh LANG=C.UTF-8
  PATH=/usr/local/bin:/usr/bin:/bin "XDG_RUNTIME_DIR=$runtime"
  "DBUS_SESSION_BUS_ADDRESS=unix:path=$runtime/bus")

(
  echo "$BASHPID" >"$group/init.scope/cgroup.procs"
  exec "${as_user[@]}" SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd --user
) >/run/manager.log 2>&1 &
manager=$!
clean() {
  kill -TERM "$manager" 2>/dev/null || true
  for _ in $(seq 100); do kill -0 "$manager" 2>/dev/null || break; sleep 0.05; done
  echo 1 >"$group/cgroup.kill" 2>/dev/null || true
  sleep 0.1
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
}
trap clean EXIT
for _ in $(seq 300); do
  [ -S "$runtime/systemd/private" ] && break
  kill -0 "$manager" 2>/dev/null || { cat /run/manager.log >&2; exit 70; }
  sleep 0.02
done
"${as_user[@]}" timeout 20 systemctl --user is-system-running --wait >/run/state 2>&1 || true

status=0
(
  echo "$BASHPID" >"$group/driver/cgroup.procs"
  exec "${as_user[@]}" GRANTD_TEST_INSIDE=1 TAP=1 "$@"
) || status=$?
[ "$status" -eq 0 ] || cat /run/manager.log >&2
exit "$status"
