#!/usr/bin/env bash
# Makes images of this machine's Redis, PostgreSQL and HAProxy, for an engine that can pull
# none: a program, the libraries it loads, and an entrypoint that honours what
# compose.yaml asks of the public image. For tests, not for production.
#
#   deploy/local-images.sh REDIS_IMAGE POSTGRES_IMAGE HAPROXY_IMAGE
set -euo pipefail
usage='usage: deploy/local-images.sh REDIS_IMAGE POSTGRES_IMAGE HAPROXY_IMAGE'
redis_image=${1:?$usage}
postgres_image=${2:?$usage}
haproxy_image=${3:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../tools/programs.sh
. "$here/../tools/programs.sh"

root=$(mktemp -d "${TMPDIR:-/tmp}/strongroom-image.XXXXXX")
trap 'rm -rf "$root"' EXIT

# take FOLDER FILE...: copies programs and libraries, under the paths they have
# here, with the libraries that they load.
take() {
	local into=$1 file
	shift
	for file in "$@"; do
		echo "$file"
		ldd "$file" | grep -o '/[^ ]*' || true
	done | sort -u | xargs cp -L --parents -t "$into"
}

make_redis() {
	local into=$root/redis program
	mkdir -p "$into/data"
	# A shell and what makes a cluster are in the public image too.
	for program in redis-server redis-cli sh cat sleep getent; do
		take "$into" "$(find_program "$program")"
	done
	tar -C "$into" -c . | docker import --change 'ENV PATH=/usr/bin:/bin' --change 'WORKDIR /data' - "$redis_image" >/dev/null
}

make_postgres() {
	local into=$root/postgres bin version program
	bin=$(find_postgres)
	version=$(basename "$(dirname "$bin")")
	mkdir -p "$into"/{bin,etc,tmp,run/postgresql,var/lib/postgresql/data}
	chmod 1777 "$into/tmp" "$into/run/postgresql"
	ln -s /run "$into/var/run"
	for program in sh cat; do
		take "$into" "$(find_program "$program")"
	done
	if [ ! -e "$into/bin/sh" ]; then
		ln -s "$(find_program sh)" "$into/bin/sh"
	fi
	take "$into" "$bin"/{postgres,initdb,pg_ctl,psql,pg_isready} "$(dirname "$bin")"/lib/*.so
	tar -C / -c "usr/share/postgresql/$version" usr/share/zoneinfo | tar -C "$into" -x
	# initdb wants the user to have a name; the public image gives it one for that time.
	printf 'postgres:x:65532:65532::/var/lib/postgresql:/bin/sh\n' >"$into/etc/passwd"
	install -m 755 "$here/local-postgres.sh" "$into/entrypoint"
	tar -C "$into" -c . | docker import --change "ENV PATH=$bin:/usr/bin:/bin" \
		--change 'ENV PGDATA=/var/lib/postgresql/data' --change 'ENTRYPOINT ["/entrypoint"]' --change 'CMD ["postgres"]' \
		- "$postgres_image" >/dev/null
}

make_haproxy() {
	local into=$root/haproxy
	mkdir -p "$into"
	take "$into" "$(find_server haproxy)" "$(find_program bash)"
	tar -C "$into" -c . | docker import --change 'ENV PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/bin' - "$haproxy_image" >/dev/null
}

make_redis
make_postgres
make_haproxy
