package redisconn_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// spend is one call, as its caller saw it.
type spend struct {
	key, attempt string
	// loses tells that this attempt cannot own the key; see linearizable.
	loses bool
}

// outcome of a call whose answer was lost may be either.
type outcome struct{ used, unknown bool }

// once is what spending must look like, whatever runs at the same time: the first
// attempt owns the key.
var once = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[string][]porcupine.Operation{}
		for _, operation := range history {
			key := operation.Input.(spend).key
			byKey[key] = append(byKey[key], operation)
		}
		var parts [][]porcupine.Operation
		for _, part := range byKey {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		owner, call, got := state.(string), input.(spend), output.(outcome)
		if owner == "" {
			if call.loses {
				return false, owner
			}
			owner = call.attempt
		}
		return got.unknown || got.used == (owner == call.attempt), owner
	},
	Equal: func(one, other any) bool { return one == other },
}

// linearizable tells whether a history could have come about one call after the
// other. An attempt that was told no, or while another was told yes, cannot be the
// owner: saying so first changes no verdict, and keeps the search from trying
// every order of a hundred racers behind an owner that never was.
func linearizable(history []porcupine.Operation) bool {
	told := map[spend]map[bool]bool{}
	winners := map[string]map[string]bool{}
	for _, operation := range history {
		call, got := operation.Input.(spend), operation.Output.(outcome)
		if got.unknown {
			continue
		}
		if told[call] == nil {
			told[call] = map[bool]bool{}
		}
		told[call][got.used] = true
		if got.used {
			if winners[call.key] == nil {
				winners[call.key] = map[string]bool{}
			}
			winners[call.key][call.attempt] = true
		}
	}
	for n, operation := range history {
		call := operation.Input.(spend)
		others := len(winners[call.key])
		if winners[call.key][call.attempt] {
			others--
		}
		call.loses = told[call][false] || others > 0
		history[n].Input = call
	}
	return porcupine.CheckOperations(once, history)
}

// recorder keeps a history.
type recorder struct {
	mu      sync.Mutex
	history []porcupine.Operation
}

func (r *recorder) burn(t testing.TB, client *redisconn.Client, caller int, call spend) {
	began := time.Now()
	used, err := client.Burn(context.Background(), spending(call.key, call.attempt))
	r.mu.Lock()
	defer r.mu.Unlock()
	ended := time.Now().UnixNano()
	if err != nil {
		ended = 1 << 62 // it may take effect at any later time
	}
	r.history = append(r.history, porcupine.Operation{
		ClientId: caller, Input: call, Call: began.UnixNano(), Output: outcome{used, err != nil}, Return: ended,
	})
}

// lossy drops the connection behind every nth command: its reply is lost.
type lossy struct {
	every int64
	count atomic.Int64
}

func (l *lossy) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (l *lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		if err == nil && l.count.Add(1)%l.every == 0 {
			command.SetErr(net.ErrClosed)
			return net.ErrClosed
		}
		return err
	}
}

func (l *lossy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		err := next(ctx, commands)
		if commands[0].Name() != "hello" && l.count.Add(1)%l.every == 0 {
			for _, command := range commands {
				command.SetErr(net.ErrClosed)
			}
			return net.ErrClosed
		}
		return err
	}
}

// TestSpentOnce: of 100 racers at two replicas, some of whose replies are lost and
// who then try again, each history is one in which the first attempt owns the key.
func TestSpentOnce(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, one *redisconn.Client) {
		two := storetest.Twin(t, one)
		two.AddHook(&lossy{every: 7})
		r, name := &recorder{}, storetest.Issuer()
		var group sync.WaitGroup
		for n := range 100 {
			group.Go(func() {
				for round := range 4 {
					replica := one
					if (n+round)%2 == 0 {
						replica = two
					}
					r.burn(t, replica, n, spend{key: fmt.Sprint(name, round), attempt: fmt.Sprint(n % 50)})
				}
			})
		}
		group.Wait()
		if !linearizable(r.history) {
			t.Error("something was spent twice")
		}
	})
}

// TestModelSeesTwice: the check that nothing is spent twice can fail.
func TestModelSeesTwice(t *testing.T) {
	twice := []porcupine.Operation{
		{ClientId: 0, Input: spend{key: "k", attempt: "a"}, Call: 1, Output: outcome{used: true}, Return: 2},
		{ClientId: 1, Input: spend{key: "k", attempt: "b"}, Call: 3, Output: outcome{used: true}, Return: 4},
	}
	if linearizable(twice) {
		t.Error("two attempts were let through")
	}
}
