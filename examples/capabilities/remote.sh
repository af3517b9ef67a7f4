#!/usr/bin/env bash
# A shell on another machine that may have tokens for as long as you are logged in there. Whoever is
# root there, or you, can use the socket meanwhile: give it little, and not for long.
#
#   remote.sh GRANT SCOPE HOST [COMMAND...]
#
# sshd does not remove the socket it makes there, so it lies in a directory that goes with it; a client
# trusts no socket in a directory where others can write.
set -euo pipefail
grant=$1 scope=$2 host=$3
shift 3

name=remote-$$
trap 'grantd capability remove "$name" >/dev/null || true' EXIT # it may have ended by itself
here=$(grantd capability add "$name" --grant "$grant" --scope "$scope" --max-ttl 5m --uses 100 \
  --expires 8h --bind-pid $$)

there=$(ssh "$host" 'mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/grantd.XXXXXX"')
[[ $there =~ ^/[A-Za-z0-9._/-]+$ ]] # it becomes part of a command
[ $# -gt 0 ] || set -- '"$SHELL"' -l
tty=(-T)
[ ! -t 0 ] || tty=(-t)
ssh "${tty[@]}" -o ExitOnForwardFailure=yes -R "$there/grantd.sock:$here" "$host" \
  "trap 'rm -rf $there' EXIT; export GRANTD_SOCK=$there/grantd.sock; $*"
