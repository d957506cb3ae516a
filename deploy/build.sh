#!/bin/sh
# Fills a folder with what the image holds: static Linux binaries, and an empty
# folder for each volume.
#
#   deploy/build.sh FOLDER
set -eu
out=${1:?usage: deploy/build.sh FOLDER}
mkdir -p "$out/bin"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."

CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$out/bin/" \
	./services/*/cmd/* ./gateway/cmd/* ./ctl/cmd/* ./sandbox
for part in keys clientreg par authorize token gateway bank directory haproxy \
	keys-migrate clientreg-migrate authorize-migrate token-migrate \
	redis redis-2 redis-3 redis-operator postgres postgres-roles; do
	mkdir -p "$out/state/parts/$part"
done
mkdir -p "$out/state/database" "$out/audit"
chmod -R go= "$out/state" "$out/audit"
