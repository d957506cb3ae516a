package redisreplay

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/resource"
)

// errBeforeBirth says that a proof is too old to be believed unused.
var errBeforeBirth = errors.New("the proof was issued before the store's memory began, or too soon after: whether it was used cannot be told")

// marking sets a mark where there is none, and answers whether it did and since when
// this store remembers, in unix milliseconds by its own clock. A store's life is
// Redis's replication id, which is new after each start and each fail-over; where the
// key does not tell of this life, the memory begins now.
var marking = redis.NewScript(`
local life = string.match(redis.call('INFO', 'replication'), 'master_replid:([^\r\n]+)')
if not life then
	return redis.error_reply('ERR INFO replication tells no master_replid')
end
local known, born = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%d+)$')
if known ~= life then
	local now = redis.call('TIME')
	born = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
	redis.call('SET', KEYS[2], life .. ' ' .. born)
end
local first = redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX')
return {first and 1 or 0, tonumber(born)}`)

// mark runs the script: one step, so that what it tells of the store is of the one
// that has the mark.
func (r *Replays) mark(ctx context.Context, use resource.Use) (first bool, born time.Time, err error) {
	life := max(use.Until.Sub(r.clock.Now()), time.Second)
	answer, err := marking.Run(ctx, r.client, r.keys(use.ID), life.Milliseconds()).Int64Slice()
	if err != nil {
		return false, time.Time{}, err
	}
	if len(answer) != 2 {
		return false, time.Time{}, fmt.Errorf("%d values came back, not two", len(answer))
	}
	return answer[0] == 1, time.UnixMilli(answer[1]), nil
}

// keys are, in one of 64 slots of a cluster:
//
//	API/proof/{B}HASH  string "1"           as long as the proof could pass
//	API/birth/{B}      string "LIFE MILLIS" for ever
//
// B is the first character of HASH, which is of the id, so that nothing a client
// sent stands in a key. In a cluster each slot can be on a store of its own.
func (r *Replays) keys(id string) []string {
	sum := sha256.Sum256([]byte(id))
	hash := base64.RawURLEncoding.EncodeToString(sum[:])
	return []string{r.api + "/proof/{" + hash[:1] + "}" + hash[1:], r.api + "/birth/{" + hash[:1] + "}"}
}
