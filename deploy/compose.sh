#!/usr/bin/env bash
# Docker Compose v2 on this folder's compose.yaml: Docker's own plugin where it is
# installed, else one that is built here, once. (Compose 1, which some systems
# still install as docker-compose, does not read this file.)
#
#   deploy/compose.sh up --build --detach
#
# STRONGROOM_SCALE=yes adds compose.scale.yaml: two of each, behind HAProxy.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
files=(--file "$here/compose.yaml")
if [ -n "${STRONGROOM_SCALE:-}" ]; then
	files+=(--file "$here/compose.scale.yaml")
fi

if docker compose version --short 2>/dev/null | grep -q '^v\?[2-9]'; then
	exec docker compose "${files[@]}" "$@"
fi

# The version is written once, in the module file.
module=$here/../tools/compose
version=$(sed -n 's|.*docker/compose/v2 v\([^ ]*\).*|\1|p' "$module/go.mod")
tools=$(cd "$here/.." && pwd)/.tools
compose=$tools/docker-compose-$version
if [ ! -x "$compose" ]; then
	echo "Building Docker Compose $version, once: this takes some minutes" >&2
	(cd "$module" && GOWORK=off go build -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=v$version" \
		-o "$compose" github.com/docker/compose/v2/cmd)
fi
exec "$compose" "${files[@]}" "$@"
