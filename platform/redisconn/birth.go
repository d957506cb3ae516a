package redisconn

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A mark in Redis says that something was used. That there is none says that it
// was not used, but only of a store that has forgotten nothing. A store forgets
// when it is emptied, when it starts anew from an older file, and when a replica
// takes over that had not seen the last writes. Then it is another store, born
// now: an id that was issued before its birth may have been used in an earlier
// life, and nobody can tell.
//
// Each store bears its birth in a key: whose life it is, and since when. The life
// is Redis's replication id, which is new after each start and each fail-over.
// Where the key is missing or names another life, this is a birth, and whoever
// notices writes it down.

// beforeBirth says that an id is too old to be believed unused.
type beforeBirth struct {
	// believed is from when on what is issued is.
	believed time.Time
}

func (beforeBirth) Error() string {
	return "issued before the store was born, or too soon after: whether it was used cannot be told"
}

// seconds is how long to wait before it is of use to come again with something new:
// at least one, at most as long as clocks may differ.
func (e beforeBirth) seconds() int {
	wait := min(time.Until(e.believed), mostClientsAhead)
	return max(int((wait+time.Second-1)/time.Second), 1)
}

// errNotPrimary says that what answered is a replica, or became one meanwhile.
var errNotPrimary = errors.New("the store is no primary")

// birth is a store's.
type birth struct {
	life string
	at   time.Time
}

func (b birth) String() string { return b.life + " " + strconv.FormatInt(b.at.UnixMilli(), 10) }

func parseBirth(text string) (birth, bool) {
	life, at, ok := strings.Cut(text, " ")
	millis, err := strconv.ParseInt(at, 10, 64)
	return birth{life, time.UnixMilli(millis)}, ok && err == nil
}

// birthKey is SERVICE:birth, a string with the life and its beginning in unix
// milliseconds, that never expires. In a cluster each primary has its own,
// SERVICE:birth:{TAG}, in the first of its slots.
func birthKey(service, tag string) string {
	if tag == "" {
		return service + ":birth"
	}
	return service + ":birth:{" + tag + "}"
}

// serviceOf is the service that a key belongs to.
func serviceOf(key string) string {
	service, _, _ := strings.Cut(key, ":")
	return service
}

// inquiry asks a store for its birth. It goes behind what it is to vouch for, in
// the same pipeline: what was written before it was written in the life that it
// tells, or in an earlier one.
type inquiry struct {
	key         string
	known, self *redis.StringCmd
}

func inquire(ctx context.Context, key string) inquiry {
	return inquiry{key, redis.NewStringCmd(ctx, "get", key), redis.NewStringCmd(ctx, "info", "replication")}
}

// answer is the store's birth, written down by to where it was not yet. Its time is
// by the store's clock, for all replicas share that one.
func (q inquiry) answer(ctx context.Context, to redis.Cmdable) (birth, error) {
	known, err := q.known.Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return birth{}, err
	}
	self, err := q.self.Result()
	if err != nil {
		return birth{}, err
	}
	life, err := lifeOf(self)
	if err != nil {
		return birth{}, err
	}
	if b, ok := parseBirth(known); ok && b.life == life {
		return b, nil
	}
	now, err := to.Time(ctx).Result()
	if err != nil {
		return birth{}, err
	}
	// As whoever reads the key will know it.
	born := birth{life, time.UnixMilli(now.UnixMilli())}
	if known != "" { // of another life, which nobody can bring back
		return born, to.Set(ctx, q.key, born.String(), 0).Err()
	}
	return born, to.SetNX(ctx, q.key, born.String(), 0).Err()
}

// lifeOf reads INFO replication.
func lifeOf(info string) (string, error) {
	if member(info, "role") != "master" {
		return "", errNotPrimary
	}
	if life := member(info, "master_replid"); life != "" {
		return life, nil
	}
	return "", errors.New("INFO replication tells no master_replid")
}

// member is one line NAME:VALUE of an INFO; empty where there is none.
func member(info, name string) string {
	_, rest, ok := strings.Cut("\n"+info, "\n"+name+":")
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(value, "\r")
}
