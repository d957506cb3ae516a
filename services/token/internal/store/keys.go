package store

import "github.com/strongroom-fapi/strongroom/fapi/oauth"

// Every key of token in Redis:
//
//	key                           type    TTL                   owner
//	token:{ISSUER/opaque/HASH}    string  access token          written by Exchange: the claims of an opaque token, JSON
//	token:{ISSUER/proof/HASH}     string  age of a DPoP proof   written by platform/dpop: the attempt that used the proof
//
// HASH of an opaque token is its SHA-256, so that who reads the store cannot use
// what is in it.

func opaqueKey(issuer, token string) string {
	return "token:{" + issuer + "/opaque/" + oauth.Hash(token) + "}"
}
