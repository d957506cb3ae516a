// Package audit keeps the audit trail: who authorized what, for whom, when, and
// every refusal with its rule.
//
// Each process appends to a chain of files of its own. A line is one JSON object
// whose prev is the hash of the line before and whose hash is the SHA-256 of the
// line up to there, so that no line can be changed, taken out or put in without
// breaking every later one. Who could rewrite the whole file is found out by the
// head of the chain, which the process's log tells now and then.
//
// An event holds identifiers and no secret, and of a person the subject alone.
package audit
