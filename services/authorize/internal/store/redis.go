package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// NewSessions keeps sessions in Redis.
func NewSessions(client *redisconn.Client) Sessions { return sessions{client} }

type sessions struct{ client *redisconn.Client }

func (s sessions) Put(ctx context.Context, issuer, id string, session Session, ttl time.Duration) error {
	return put(ctx, s.client, sessionKey(issuer, id), session, ttl)
}

func (s sessions) Get(ctx context.Context, issuer, id string) (session Session, found bool, err error) {
	key := sessionKey(issuer, id)
	values, err := s.client.MGet(ctx, key, answerKey(key), burntKey(key)).Result()
	if err != nil {
		return Session{}, false, redisconn.Failed("get session", err)
	}
	if found, err = decode(values[0], &session); err != nil || !found {
		return Session{}, false, err
	}
	session.EndedBy, _ = values[2].(string)
	var answer KeptAnswer
	answered, err := decode(values[1], &answer)
	if answered {
		session.Answer = &answer
	}
	return session, true, err
}

func (s sessions) Answer(ctx context.Context, issuer, id string, answer KeptAnswer, ttl time.Duration) (KeptAnswer, error) {
	record, err := json.Marshal(answer)
	if err != nil {
		return KeptAnswer{}, err
	}
	key := answerKey(sessionKey(issuer, id))
	first, err := s.client.SetNX(ctx, key, record, ttl).Result()
	if err != nil {
		return KeptAnswer{}, redisconn.Failed("keep answer", err)
	}
	if first {
		return answer, nil
	}
	values, err := s.client.MGet(ctx, key).Result()
	if err != nil {
		return KeptAnswer{}, redisconn.Failed("get answer", err)
	}
	var kept KeptAnswer // none where it expired between the two trips: it was another's
	_, err = decode(values[0], &kept)
	return kept, err
}

func (s sessions) Burn(ctx context.Context, issuer, id, attempt string, ttl time.Duration) (bool, error) {
	return burn(ctx, s.client, sessionKey(issuer, id), attempt, ttl)
}

// NewCodes keeps codes in Redis.
func NewCodes(client *redisconn.Client) Codes { return codes{client} }

type codes struct{ client *redisconn.Client }

func (c codes) Put(ctx context.Context, issuer, code string, record Code, ttl time.Duration) error {
	return put(ctx, c.client, codeKey(issuer, code), record, ttl)
}

func (c codes) Get(ctx context.Context, issuer, code string) (record Code, found bool, err error) {
	key := codeKey(issuer, code)
	values, err := c.client.MGet(ctx, key, burntKey(key)).Result()
	if err != nil {
		return Code{}, false, redisconn.Failed("get code", err)
	}
	if found, err = decode(values[0], &record); err != nil || !found {
		return Code{}, false, err
	}
	record.SpentBy, _ = values[1].(string)
	return record, true, nil
}

func (c codes) Burn(ctx context.Context, issuer, code, attempt string, ttl time.Duration) (bool, error) {
	return burn(ctx, c.client, codeKey(issuer, code), attempt, ttl)
}

func put(ctx context.Context, client *redisconn.Client, key string, record any, ttl time.Duration) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if err := client.Set(ctx, key, text, ttl).Err(); err != nil {
		return redisconn.Failed("put", err)
	}
	return nil
}

// decode reads one value of an MGET; it tells false where there was none.
func decode(value, into any) (bool, error) {
	text, ok := value.(string)
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return false, redisconn.Failed("decode", errors.New("the record is not ours"))
	}
	return true, nil
}

func burn(ctx context.Context, client *redisconn.Client, record, attempt string, ttl time.Duration) (bool, error) {
	burnt, err := client.Burn(ctx, redisconn.Spending{Key: burntKey(record), Attempt: attempt, TTL: ttl})
	if err != nil {
		return false, redisconn.Failed("burn", err)
	}
	return burnt, nil
}
