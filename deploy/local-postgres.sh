#!/bin/sh
# The entrypoint of the PostgreSQL image that deploy/local-images.sh makes. As the
# public image does, it makes the database at the first start, runs the SQL in
# /docker-entrypoint-initdb.d and serves.
set -eu
if [ ! -e "$PGDATA/PG_VERSION" ]; then
	initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 --encoding=UTF8 --locale=C >/dev/null
	PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
	export PGPASSWORD
	pg_ctl --silent --wait -o "-c listen_addresses=" start >/tmp/first.log
	psql --quiet --no-password --username="$POSTGRES_USER" --dbname=postgres -v ON_ERROR_STOP=1 \
		--command="CREATE DATABASE \"$POSTGRES_DB\""
	for file in /docker-entrypoint-initdb.d/*.sql; do
		psql --quiet --no-password --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" -v ON_ERROR_STOP=1 --file="$file"
	done
	pg_ctl --silent --wait --mode=fast stop
	unset PGPASSWORD
fi
exec "$@" -c listen_addresses='*'
