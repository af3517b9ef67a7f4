#!/usr/bin/env bash
# A program in a bubblewrap sandbox, such as a coding assistant: it sees the system read-only, one
# directory of yours, and a socket that gives what is said here. It ends with the sandbox.
#
#   sandbox.sh GRANT SCOPE DIRECTORY COMMAND...
set -euo pipefail
grant=$1 scope=$2 work=$(realpath "$3")
shift 3

directory=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/grantd-sandbox.XXXXXX") # mode 0700
name=sandbox-$$
cleanup() {
  grantd capability remove "$name" >/dev/null || true # it may have ended by itself
  rm -rf "$directory"
}
trap cleanup EXIT

grantd capability add "$name" --grant "$grant" --scope "$scope" --max-ttl 5m --uses 100 \
  --expires 8h --bind-pid $$ --path "$directory/grantd.sock" >/dev/null

bwrap --die-with-parent --unshare-all --share-net --new-session \
  --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /run --tmpfs "$HOME" \
  --bind "$work" "$work" --chdir "$work" \
  --dir /run/grantd --bind "$directory" /run/grantd \
  --setenv GRANTD_SOCK /run/grantd/grantd.sock \
  "$@"
