package redisconn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestSpansInACluster: whatever way a command takes to the primaries, its request has one
// span of it, in its own trace, which tells no argument. Of two hooks, the client's and
// a node's, each would make one; of none, nobody.
func TestSpansInACluster(t *testing.T) {
	address, _ := storetest.NewCluster(t, false)
	client := storetest.OpenRedis(t, address)
	for name, send := range map[string]func(ctx context.Context, key string) error{
		"redis set get info": func(ctx context.Context, key string) error { // with the question for the primary's birth
			_, err := client.Burn(ctx, redisconn.Spending{Key: key, Attempt: "secret", TTL: time.Minute, Issued: time.Now().Add(time.Minute)})
			return err
		},
		"redis set get": func(ctx context.Context, key string) error {
			set, get := redis.NewStatusCmd(ctx, "set", key, "secret"), redis.NewStringCmd(ctx, "get", key)
			client.Trip(ctx, set, get)
			return set.Err()
		},
		"redis set": func(ctx context.Context, key string) error { return client.Set(ctx, key, "secret", time.Minute).Err() },
		"redis expire del": func(ctx context.Context, key string) error {
			_, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				pipe.Expire(ctx, key, time.Second)
				pipe.Del(ctx, key+"2") // of another slot
				return nil
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			tracer, spans := tracing(t)
			traces := map[string]int{} // spans of a store in each
			var group sync.WaitGroup
			for n := range 20 {
				ctx, parent := tracer.Start(t.Context(), "request")
				traces[parent.SpanContext().TraceID().String()] = 0
				group.Go(func() {
					defer parent.End()
					if err := send(ctx, fmt.Sprintf("test:{secret-%d}:%s", n, strings.ReplaceAll(name, " ", "-"))); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			for _, span := range spans.GetSpans() {
				if span.Name == "request" {
					continue
				}
				if traces[span.SpanContext.TraceID().String()]++; span.Name != name {
					t.Errorf("the span is %q, want %q", span.Name, name)
				}
				if strings.Contains(fmt.Sprint(span.Name, span.Attributes, span.Events, span.Status), "secret") {
					t.Errorf("a span tells an argument: %+v", span)
				}
			}
			for trace, count := range traces {
				if count != 1 {
					t.Errorf("the trace %s has %d spans of a trip", trace, count)
				}
			}
		})
	}
}
