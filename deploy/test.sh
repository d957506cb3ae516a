#!/usr/bin/env bash
# Brings the composition up from nothing, walks flows through it from the host, tries
# what its stores must refuse, restarts its parts, verifies its audit trails, and
# takes it down again. Where no engine answers it runs one of its own, as root,
# with a folder of its own and without touching the machine's firewall.
#
#   deploy/test.sh
#
# STRONGROOM_IMAGES says which Redis and PostgreSQL: `local` (default) makes images
# of this machine's, and takes binaries built here, so nothing is pulled; `public`
# takes what compose.yaml and Dockerfile name, and needs an engine that is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
cd "$root"
# shellcheck source=checks.sh
. "$here/checks.sh"

say() { printf '\n=== %4d s  %s\n' "$SECONDS" "$*"; }

images=${STRONGROOM_IMAGES:-local}
export COMPOSE_PROJECT_NAME=strongroom-test STRONGROOM_IMAGE=strongroom:test
made=("$STRONGROOM_IMAGE")
work=$(mktemp -d "${TMPDIR:-/tmp}/strongroom-deploy.XXXXXX")
composed='' engine_pid=''

# Jobs get process groups of their own, so that an interrupt reaches this script
# first and the engine outlives the containers.
set -m

start_engine() {
	if [ "$images" = public ] || [ "$(id -u)" -ne 0 ]; then
		echo "No Docker engine answers. Start one, or run this as root with STRONGROOM_IMAGES=local." >&2
		return 1
	fi
	say "starting an engine"
	export DOCKER_HOST=unix://$work/engine.sock
	dockerd --host "$DOCKER_HOST" --pidfile "$work/engine.pid" --data-root "$work/data" --exec-root "$work/exec" \
		--iptables=false --ip6tables=false --ip-forward=false --bridge none --default-address-pool base=172.30.64.0/18,size=24 \
		>"$work/engine.log" 2>&1 </dev/null &
	engine_pid=$!
	local tries
	for ((tries = 0; tries < 120; tries++)); do
		if docker version >/dev/null 2>&1; then
			return
		fi
		if ! kill -0 "$engine_pid" 2>/dev/null; then
			break
		fi
		sleep 0.5
	done
	echo "The engine did not start:" >&2
	tail -n 20 "$work/engine.log" >&2
	return 1
}

stop() {
	local status=$?
	trap - EXIT
	trap '' INT TERM HUP
	set +e
	if [ -n "$composed" ]; then
		if [ "$status" -ne 0 ]; then
			say "what the containers said"
			deploy/compose.sh ps --all
			deploy/compose.sh logs --tail 50
		fi
		say "down"
		deploy/compose.sh down --volumes --remove-orphans --timeout 10 >/dev/null 2>"$work/down.log" || { cat "$work/down.log" >&2; status=1; }
	fi
	if [ -n "$engine_pid" ]; then
		kill -TERM "$engine_pid" 2>/dev/null
		wait "$engine_pid" 2>/dev/null
	elif [ -n "$composed" ]; then
		docker image rm "${made[@]}" >/dev/null 2>&1
	fi
	rm -rf "$work"
	if [ "$status" -eq 0 ]; then
		say "the composition works"
	else
		say "FAILED"
	fi
	exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

tools/need containers
docker version >/dev/null 2>&1 || start_engine
docker version --format 'Docker engine {{.Server.Version}}'
deploy/compose.sh version

if [ "$images" = local ]; then
	export STRONGROOM_BINARIES=prebuilt REDIS_IMAGE=strongroom-redis:test POSTGRES_IMAGE=strongroom-postgres:test
	made+=("$REDIS_IMAGE" "$POSTGRES_IMAGE")
	say "building the binaries"
	deploy/build.sh deploy/.images/root
	say "making images of this machine's Redis and PostgreSQL"
	deploy/local-images.sh "$REDIS_IMAGE" "$POSTGRES_IMAGE"
fi

CGO_ENABLED=0 go build -trimpath -o "$work/sandbox" ./sandbox

say "up"
composed=yes
deploy/up.sh "$work/client" >/dev/null 2>"$work/up.log" || { cat "$work/up.log" >&2; exit 1; }
everything_healthy
secrets

say "flows, from the host"
flow mtls
flow dpop
redis_refused_nobody

say "what the stores refuse"
redis_limits
sql_limits

say "restarts"
for service in keys clientreg par authorize token gateway; do
	restart "$service"
done
flow dpop

say "audit"
audit_holds

say "down"
deploy/compose.sh down --volumes --remove-orphans --timeout 20 >/dev/null 2>"$work/down.log" || { cat "$work/down.log" >&2; exit 1; }
composed=''
nothing_left
