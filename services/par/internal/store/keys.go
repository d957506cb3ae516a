package store

import (
	"strconv"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Every key of par in Redis:
//
//	key                            type    TTL                                 owner
//	par:{ISSUER/REFERENCE}         string  request_uri lifetime                written by Push, removed by Consume: the request, JSON
//	par:{ISSUER/REFERENCE}:by      string  request_uri lifetime + 2 sessions   written by Consume: the attempt that burnt it
//	par:{ISSUER/CLIENT}:MINUTE     integer 2 minutes                           written by Push: how many requests the client pushed in that minute
//	par:{ISSUER/proof/HASH}        string  age of a DPoP proof                 written by platform/dpop: the attempt that used the proof
//
// REFERENCE is the SHA-256 of the secret part of the request_uri, so that who
// reads the store cannot use what is in it. The braces keep both keys of a
// request in one slot of a cluster.

func recordKey(issuer, reference string) string {
	return "par:{" + issuer + "/" + oauth.Hash(reference) + "}"
}

func burntKey(issuer, reference string) string { return recordKey(issuer, reference) + ":by" }

func countKey(issuer, client string, minute int64) string {
	return "par:{" + issuer + "/" + client + "}:" + strconv.FormatInt(minute, 10)
}
