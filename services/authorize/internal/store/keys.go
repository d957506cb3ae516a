package store

import "github.com/strongroom-fapi/strongroom/fapi/oauth"

// Every key of authorize in Redis:
//
//	key                                       type    TTL                         owner
//	authorize:{ISSUER/session/HASH}           string  session                     written by Begin: the session, JSON
//	authorize:{ISSUER/session/HASH}:answer    string  session                     written by AnswerInteraction: the answer, JSON
//	authorize:{ISSUER/session/HASH}:by        string  2 sessions                  written by Complete: the attempt that ended it
//	authorize:{ISSUER/code/HASH}              string  code + access token         written by Complete: the code's record, JSON
//	authorize:{ISSUER/code/HASH}:by           string  code + access token         written by Redeem: the attempt that spent it
//
// HASH is the SHA-256 of the session id or code, so that who reads the store
// cannot use what is in it. The braces keep the keys of one thing in one slot of
// a cluster.

func sessionKey(issuer, id string) string {
	return "authorize:{" + issuer + "/session/" + oauth.Hash(id) + "}"
}

func codeKey(issuer, code string) string {
	return "authorize:{" + issuer + "/code/" + oauth.Hash(code) + "}"
}

func answerKey(record string) string { return record + ":answer" }

func burntKey(record string) string { return record + ":by" }
