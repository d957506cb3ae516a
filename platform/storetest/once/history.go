package once

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Call is one use, as its caller saw it.
type Call struct {
	Key, Attempt string
	// loses tells that this attempt cannot own the key; see Linearizable.
	loses bool
}

// Outcome of a call whose answer was lost may be either.
type Outcome struct{ Used, Unknown bool }

// model is what spending must look like, whatever runs at the same time: the first
// attempt owns the key.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[string][]porcupine.Operation{}
		for _, operation := range history {
			key := operation.Input.(Call).Key
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
		owner, call, got := state.(string), input.(Call), output.(Outcome)
		if owner == "" {
			if call.loses {
				return false, owner
			}
			owner = call.Attempt
		}
		return got.Unknown || got.Used == (owner == call.Attempt), owner
	},
	Equal: func(one, other any) bool { return one == other },
}

// Linearizable tells whether a history could have come about one call after the
// other. An attempt that was told no, or while another was told yes, cannot be the
// owner: saying so first changes no verdict, and keeps the search from trying
// every order of a hundred racers behind an owner that never was.
func Linearizable(history []porcupine.Operation) bool {
	told := map[Call]map[bool]bool{}
	winners := map[string]map[string]bool{}
	for _, operation := range history {
		call, got := operation.Input.(Call), operation.Output.(Outcome)
		if got.Unknown {
			continue
		}
		if told[call] == nil {
			told[call] = map[bool]bool{}
		}
		told[call][got.Used] = true
		if got.Used {
			if winners[call.Key] == nil {
				winners[call.Key] = map[string]bool{}
			}
			winners[call.Key][call.Attempt] = true
		}
	}
	for n, operation := range history {
		call := operation.Input.(Call)
		others := len(winners[call.Key])
		if winners[call.Key][call.Attempt] {
			others--
		}
		call.loses = told[call][false] || others > 0
		history[n].Input = call
	}
	return porcupine.CheckOperations(model, history)
}

// recorder keeps a history.
type recorder struct {
	mu      sync.Mutex
	history []porcupine.Operation
	unknown int
}

func (r *recorder) spend(store Store, caller int, call Call) error {
	began := time.Now()
	used, err := spend(store, call.Key, call.Attempt)
	r.mu.Lock()
	defer r.mu.Unlock()
	ended := time.Now().UnixNano()
	if err != nil {
		ended = 1 << 62 // it may take effect at any later time
		r.unknown++
	}
	r.history = append(r.history, porcupine.Operation{
		ClientId: caller, Input: call, Call: began.UnixNano(), Output: Outcome{used, err != nil}, Return: ended,
	})
	return err
}

// lostReplies: while answers are lost on the way to one of two replicas, and what got
// none comes again, each history is one in which the first attempt owns the key.
func (b bench) lostReplies(t *testing.T) {
	const callers, keys = 12, 16
	b.warm(t)
	var ids []string
	for range keys {
		id := oauth.NewID()
		b.keep(t, id)
		ids = append(ids, id)
	}
	b.lines.dropAnswer() // one at least, however soon all is done
	losing := make(chan struct{})
	var loser sync.WaitGroup
	loser.Go(func() {
		for {
			select {
			case <-losing:
				return
			case <-time.After(2 * time.Millisecond):
				b.lines.dropAnswer()
			}
		}
	})
	r := &recorder{}
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for n, id := range ids {
				store := b.replicas[0]
				if (caller+n)%3 > 0 {
					store = *b.cut
				}
				call := Call{Key: id, Attempt: fmt.Sprint(caller)}
				if err := r.spend(store, caller, call); err != nil && !b.NoRetry {
					_ = r.spend(b.replicas[1], caller, call)
				}
			}
		})
	}
	group.Wait()
	close(losing)
	loser.Wait()
	b.lines.pass()
	if !Linearizable(r.history) {
		t.Error("something was spent twice")
	}
	if r.unknown == 0 {
		t.Error("no reply was lost: the history shows nothing")
	}
}
