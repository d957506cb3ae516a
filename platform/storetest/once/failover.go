package once

import (
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// failOver: another server takes over, that has not seen the last writes. What was
// spent before is not spent again, nor believed unused; what is made anew is.
func (things Things) failOver(t *testing.T, benches map[string]bench, deployed storetest.Deployment) {
	const margin = 500 * time.Millisecond
	deployed.Detach(t)
	before := time.Now().Add(margin)
	spent := map[string][]string{}
	for name, b := range benches {
		spent[name] = b.spendSome(t, before)
	}
	time.Sleep(time.Until(before) + margin) // the servers' clocks are real ones
	deployed.FailOver(t)
	for name, b := range benches {
		t.Run("fail-over of "+name, func(t *testing.T) {
			storetest.Eventually(t, "the store answers again", b.answers)
			b.remembers(t, spent[name], before)
			b.goesOn(t)
		})
	}
}

// some are of all primaries of a cluster, surely.
const some = 24

func (b bench) spendAt(t *testing.T, replica int, id, attempt string, issued time.Time) (bool, error) {
	t.Helper()
	return b.replicas[replica].Spend(t.Context(), Spending{ID: id, Attempt: attempt, Issued: issued, Life: life})
}

func (b bench) spendSome(t *testing.T, issued time.Time) (ids []string) {
	t.Helper()
	for range some {
		id := oauth.NewID()
		b.keep(t, id)
		if used, err := b.spendAt(t, 0, id, "first", issued); !used || err != nil {
			t.Fatalf("before: %t, %v", used, err)
		}
		ids = append(ids, id)
	}
	return ids
}

// answers tells whether both replicas have found the new primaries.
func (b bench) answers() bool {
	for n := range 2 * some {
		if _, err := spend(b.replicas[n%2], oauth.NewID(), "fresh"); err != nil {
			return false
		}
	}
	return true
}

// remembers: nothing of before is believed, used or not.
func (b bench) remembers(t *testing.T, ids []string, issued time.Time) {
	t.Helper()
	if b.Elsewhere {
		return
	}
	for _, id := range ids {
		if used, _ := b.spendAt(t, 1, id, "second", issued); used {
			t.Errorf("%s is spent twice", id)
		}
		unseen := oauth.NewID()
		for n, attempt := range []string{"first", "second"} {
			if used, err := b.spendAt(t, n, unseen, attempt, issued); used || err == nil {
				t.Errorf("of before, and never seen, by the %s: %t, %v", attempt, used, err)
			}
		}
	}
}

// goesOn: what is made now is spent once.
func (b bench) goesOn(t *testing.T) {
	t.Helper()
	for range some {
		fresh := oauth.NewID()
		b.keep(t, fresh)
		b.wants(t, 0, fresh, "first", true)
		b.wants(t, 1, fresh, "second", false)
	}
}
