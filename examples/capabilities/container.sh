#!/usr/bin/env bash
# A container that may have read-only tokens, for as long as it runs.
#
#   container.sh docker|podman GRANT SCOPE IMAGE COMMAND...
#
# The directory of the socket is mounted, not the socket: it can be made anew while the container runs.
# The process in the container must have your uid, so the uid is handed through.
set -euo pipefail
engine=$1 grant=$2 scope=$3 image=$4
shift 4

directory=$(mktemp -d "${XDG_RUNTIME_DIR:-/tmp}/grantd-container.XXXXXX") # mode 0700
name=container-$$
cleanup() {
  grantd capability remove "$name" >/dev/null || true # it may have ended by itself
  rm -rf "$directory"
}
trap cleanup EXIT

grantd capability add "$name" --grant "$grant" --scope "$scope" --expires 8h --bind-pid $$ \
  --path "$directory/grantd.sock" >/dev/null

case $engine in
  docker) user=(--user "$(id -u):$(id -g)") ;;
  podman) user=(--userns=keep-id) ;;
  *) echo "docker or podman?" >&2 && exit 2 ;;
esac
"$engine" run --rm "${user[@]}" \
  --mount "type=bind,src=$directory,dst=/run/grantd" \
  --env GRANTD_SOCK=/run/grantd/grantd.sock \
  "$image" "$@"
