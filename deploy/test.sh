#!/usr/bin/env bash
# Brings the composition up from nothing, walks flows through it from the host, tries
# what its stores must refuse, restarts its parts, verifies its audit trails, and
# takes it down again. Then the same with two of each, while one after the other is
# killed. Where no engine answers it runs one of its own, as root,
# with a folder of its own and without touching the machine's firewall.
#
#   deploy/test.sh [single] [scaled]
#
# STRONGROOM_IMAGES says which Redis, PostgreSQL and HAProxy: `local` (default) makes images
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
composed='' engine_pid='' walker_pid=''

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
	if [ -n "$walker_pid" ]; then
		kill -TERM -- "-$walker_pid" 2>/dev/null
	fi
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
	export STRONGROOM_BINARIES=prebuilt
	export REDIS_IMAGE=strongroom-redis:test POSTGRES_IMAGE=strongroom-postgres:test HAPROXY_IMAGE=strongroom-haproxy:test
	made+=("$REDIS_IMAGE" "$POSTGRES_IMAGE" "$HAPROXY_IMAGE")
	say "building the binaries"
	deploy/build.sh deploy/.images/root
	say "making images of this machine's Redis, PostgreSQL and HAProxy"
	deploy/local-images.sh "$REDIS_IMAGE" "$POSTGRES_IMAGE" "$HAPROXY_IMAGE"
fi

CGO_ENABLED=0 go build -trimpath -o "$work/" ./sandbox ./ctl/cmd/strongroomctl

# up: from nothing, until everything is healthy.
up() {
	composed=yes
	deploy/up.sh "$work/client" >/dev/null 2>"$work/up.log" || { cat "$work/up.log" >&2; return 1; }
	everything_healthy
	secrets
}

down() {
	deploy/compose.sh down --volumes --remove-orphans --timeout 20 >/dev/null 2>"$work/down.log" || { cat "$work/down.log" >&2; return 1; }
	composed=''
	nothing_left
}

single() {
	local service
	say "one of each: up"
	up

	say "one of each: flows, from the host"
	flow mtls
	flow dpop
	redis_refused_nobody
	bounded

	say "one of each: an operator"
	operates clientreg

	say "one of each: what the stores refuse"
	redis_limits
	sql_limits

	say "one of each: restarts"
	for service in keys clientreg par authorize token gateway; do
		restart "$service"
	done
	flow dpop

	say "one of each: audit trails"
	audit_holds

	say "one of each: down"
	down
}

scaled() {
	local service added since
	export STRONGROOM_SCALE=yes
	say "two of each: up"
	up

	say "two of each: flows, from the host, through HAProxy"
	flow mtls
	flow dpop
	redis_refused_nobody

	say "two of each: an operator, through HAProxy"
	operates haproxy

	say "two of each: one of token is added, and of the others one is killed, while flows go on"
	rm -f "$work/stop"
	: >"$work/walked"
	keep_walking &
	walker_pid=$!
	deploy/compose.sh up --detach --no-recreate --no-deps --scale token=3 token >/dev/null 2>"$work/up.log" || { cat "$work/up.log" >&2; return 1; }
	since=$SECONDS
	added=$(docker ps --quiet --no-trunc --filter "name=^$COMPOSE_PROJECT_NAME-token-3\$")
	for service in keys clientreg par authorize; do
		kill_one "$service"
	done
	gets_calls token "$added" "$since"
	kill_one token
	kill_one gateway
	touch "$work/stop"
	wait "$walker_pid"
	walker_pid=''
	echo "  flows: $(sort "$work/walked" | uniq -c | tr -s ' \n' ' ')"
	if grep -q '^failed' "$work/walked"; then
		echo "NOT SO: each flow succeeds, or is told to come again" >&2
		cat "$work/failed.log" >&2
		return 1
	fi
	redis_refused_nobody

	say "two of each: audit trails"
	audit_holds

	say "two of each: down"
	down
}

for composition in ${*:-single scaled}; do
	$composition
done
