#!/usr/bin/env bash
# Brings the composition up, and takes out what a client on the host needs: the CA,
# the initial access token, the public authority's key, for a client certificate, and
# what operators prove themselves by.
#
#   deploy/up.sh [FOLDER]      default: deploy/.client
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
client=${1:-$here/.client}

"$here/compose.sh" up --detach --wait
# What an earlier installation gave is of no use to this one.
rm -rf "$client"
docker cp "$("$here/compose.sh" ps --all --quiet init):/state/parts/client" "$client"

cat <<END

The parts are up. A flow through them:

  go run ./sandbox flow --dir $client --wait 1m

An operator's look at it:

  go run ./ctl/cmd/strongroomctl --dir $client --issuer fapi2 clients

  deploy/compose.sh logs --follow     what they say
  deploy/compose.sh down              stop them; with --volumes, forget everything
END
