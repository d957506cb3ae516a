package store

import (
	"strconv"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Every key of clientreg in Redis:
//
//	key                                type    TTL                                 owner
//	clientreg:{ISSUER/CLIENT}:jti:ID   string  till its assertion is long expired  written by Authenticate: the attempt that used the jti
//	clientreg:{ISSUER/CLIENT}:gen      string  1 hour                              written when the client is read or changed: its newest generation
//	clientreg:{ISSUER}:reg:BY:N        number  2 min                               written by Register: how many in minute N
//	clientreg:{ISSUER}:check:BY:N      number  2 min                               written for operators' checks: how many in minute N
//	clientreg:{ISSUER}:ssa:ID          string  till its JWT is long expired        written by Register: the attempt that used the jti
//
// ID is the SHA-256 of the jti, so that any jti makes a key of one length; BY
// is that of an initial access token, of a framework and its participant, or of an
// operator's name. The braces keep the keys of a client in one slot of a cluster, so
// that one trip serves both.

// generationTTL is how long at most a replica could go on with an old client
// after Redis lost the mark of a new one, as at a fail-over. It costs one read
// from SQL per client and TTL.
const generationTTL = time.Hour

// countTTL outlives the minute that is counted.
const countTTL = 2 * time.Minute

func clientKey(issuer, clientID string) string { return "clientreg:{" + issuer + "/" + clientID + "}" }

func usedKey(issuer, clientID, id string) string {
	return clientKey(issuer, clientID) + ":jti:" + oauth.Hash(id)
}

func generationKey(issuer, clientID string) string { return clientKey(issuer, clientID) + ":gen" }

func statementKey(issuer, framework, id string) string {
	return "clientreg:{" + issuer + "}:ssa:" + oauth.Hash(framework+"/"+id)
}

func countKey(issuer string, of Counted, byHash string, period int64) string {
	return "clientreg:{" + issuer + "}:" + string(of) + ":" + byHash + ":" + strconv.FormatInt(period, 10)
}
