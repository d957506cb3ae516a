#!/usr/bin/env bash
# Makes a data folder of a base backup and the archive of the WAL, for PostgreSQL to
# recover when it is started next: to the last archived moment, or to an earlier TIME,
# such as '2026-03-01 12:00:00+00'. Run it as the user that runs PostgreSQL.
#
#   deploy/postgres/restore.sh /backups/monday /archive /var/lib/postgresql/15/main [TIME]
set -euo pipefail
[ $# -eq 3 ] || [ $# -eq 4 ] || { echo "usage: restore.sh BACKUP ARCHIVE DATA [TIME]" >&2; exit 2; }
backup=$1 archive=$2 data=$3 time=${4:-}
if [ -e "$data/PG_VERSION" ]; then
	echo "there is a database in $data: move it away, with what its pg_wal may still have" >&2
	exit 1
fi
pg_verifybackup "$backup"
mkdir -p "$data"
chmod 700 "$data"
cp -R "$backup/." "$data/"
{
	echo "restore_command = 'cp \"$archive/%f\" \"%p\"'"
	if [ -n "$time" ]; then
		echo "recovery_target_time = '$time'"
		echo "recovery_target_action = 'promote'"
	fi
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
