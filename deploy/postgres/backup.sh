#!/usr/bin/env bash
# A base backup of the whole cluster of databases, while the services go on. What is
# written since is in the archive of the WAL. PostgreSQL must have been configured so:
#
#   archive_mode = on
#   archive_command = 'test ! -f /archive/%f && cp %p /archive/.%f && mv /archive/.%f /archive/%f'
#   archive_timeout = 60   # seconds that a disaster may cost
#
#   deploy/postgres/backup.sh postgres://backup@db.bank.example/postgres /backups/monday
#
# The role needs REPLICATION alone. Keep the key-encryption key elsewhere.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: backup.sh DSN FOLDER" >&2; exit 2; }
pg_basebackup --dbname="$1" --pgdata="$2" --checkpoint=fast --wal-method=stream --no-password
pg_verifybackup "$2"
