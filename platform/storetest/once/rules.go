package once

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// oneAttempt: the first attempt, at either replica, and none after it.
func (b bench) oneAttempt(t *testing.T) {
	for first := range b.replicas {
		id := oauth.NewID()
		b.keep(t, id)
		b.left(t, id, true)
		b.wants(t, first, id, "first", true)
		b.left(t, id, false)
		b.wants(t, 1-first, id, "second", false)
		b.wants(t, first, id, "third", false)
		b.wants(t, 1-first, id, "first", !b.NoRetry)
		b.wants(t, first, oauth.NewID(), "second", true)
	}
}

// race: of 100 at once, at two replicas, one attempt spends; where attempts may
// come again, each comes twice.
func (b bench) race(t *testing.T) {
	id, attempts, want := oauth.NewID(), 50, int32(2)
	if b.NoRetry {
		attempts, want = 100, 1
	}
	b.keep(t, id)
	var won atomic.Int32
	var winners sync.Map
	var group sync.WaitGroup
	start := make(chan struct{})
	for n := range 100 {
		group.Go(func() {
			<-start
			attempt := fmt.Sprint(n % attempts)
			used, err := spend(b.replicas[(n+n/attempts)%2], id, attempt)
			if err != nil {
				t.Error(err)
			}
			if used {
				won.Add(1)
				winners.Store(attempt, true)
			}
		})
	}
	close(start)
	group.Wait()
	different := 0
	winners.Range(func(any, any) bool { different++; return true })
	if different != 1 || won.Load() != want {
		t.Errorf("%d attempts spent it, in %d requests", different, won.Load())
	}
}

// expiry: what was spent stays spent while it could be used, and is forgotten
// afterwards, at most a second later than need be.
func (b bench) expiry(t *testing.T) {
	t.Parallel() // it is waiting for most of the time
	id := oauth.NewID()
	spend := func(attempt string, want bool) {
		t.Helper()
		s := Spending{ID: id, Attempt: attempt, Issued: time.Now().Add(time.Minute), Life: time.Second}
		if used, err := b.replicas[0].Spend(t.Context(), s); used != want || err != nil {
			t.Errorf("by %q: %t, %v", attempt, used, err)
		}
	}
	spend("first", true)
	spend("second", false)
	b.advance(2100 * time.Millisecond)
	spend("third", true)
	spend("fourth", false)
}

// beforeMemory: whether a thing of before was used cannot be told, the first time or
// ever. That somebody was refused for it must not look like a use to who comes again.
func (b bench) beforeMemory(t *testing.T) {
	id, before := oauth.NewID(), time.Unix(-1, 0) // the stores of tests were born in 1970
	b.keep(t, id)
	for n, attempt := range []string{"first", "second", "first", "third"} {
		if used, err := b.spendAt(t, n%2, id, attempt, before); used || err == nil {
			t.Errorf("call %d, by %q: %t, %v", n, attempt, used, err)
		}
	}
}

// mostExchanges is more than any store needs for one step.
const mostExchanges = 12

// cuts: the connection ends at every point of a spending, in front of a command and
// behind it. Then come the attempt that was cut off and another one, in both orders.
func (b bench) cuts(t *testing.T) {
	for _, asking := range []bool{true, false} {
		for _, retries := range []bool{true, false} {
			for n, whole := 0, false; !whole; n++ {
				if n > mostExchanges {
					t.Fatalf("a spending is not done after %d exchanges", n)
				}
				whole = b.cutOnce(t, n, asking, retries)
			}
		}
	}
}

// cutOnce is true where the spending was done before it could be cut.
func (b bench) cutOnce(t *testing.T, n int, asking, retries bool) (whole bool) {
	t.Helper()
	id := oauth.NewID()
	b.keep(t, id)
	b.warm(t)
	b.lines.cutAfter(n, asking)
	used, err := spend(*b.cut, id, "first")
	b.lines.pass()
	if used && err != nil || !used && err == nil {
		t.Fatalf("after %d exchanges: %t, %v", n, used, err)
	}
	if retries && !b.NoRetry {
		b.wants(t, 0, id, "first", true)
		b.wants(t, 1, id, "second", false)
		b.left(t, id, false)
		return err == nil
	}
	second, failed := spend(b.replicas[1], id, "second")
	if failed != nil {
		t.Errorf("after %d exchanges another attempt gets %v", n, failed)
	}
	if used && second {
		t.Errorf("after %d exchanges it is spent twice", n)
	}
	b.left(t, id, false) // somebody spent it, and may have died halfway
	first, failed := spend(b.replicas[0], id, "first")
	if owned := !second && !b.NoRetry; failed != nil || first != owned {
		t.Errorf("after %d exchanges the other attempt spends: %t; the first then: %t, %v", n, second, first, failed)
	}
	b.left(t, id, false)
	return err == nil
}

// cutKeeping: what is acknowledged is there, and whatever is there is spent once.
func (b bench) cutKeeping(t *testing.T) {
	if b.cut.Keep == nil {
		return
	}
	for _, asking := range []bool{true, false} {
		for n, whole := 0, false; !whole; n++ {
			if n > mostExchanges {
				t.Fatalf("nothing is kept after %d exchanges", n)
			}
			id := oauth.NewID()
			b.warm(t)
			b.lines.cutAfter(n, asking)
			err := b.cut.Keep(t.Context(), id)
			b.lines.pass()
			if whole = err == nil; whole {
				b.left(t, id, true)
			}
			b.wants(t, 0, id, "first", true)
			b.wants(t, 1, id, "second", false)
			b.left(t, id, false)
		}
	}
}

// warm lets every connection be there that a spending may need, so that what is
// counted is the spending's own.
func (b bench) warm(t *testing.T) {
	t.Helper()
	const many = 12 // for each primary of a cluster, surely
	for range many {
		id := oauth.NewID()
		err := fmt.Errorf("not tried")
		for deadline := time.Now().Add(timeout); err != nil && time.Now().Before(deadline); {
			if _, err = spend(*b.cut, id, "warm"); err == nil && b.cut.Keep != nil {
				err = b.cut.Keep(context.Background(), oauth.NewID())
			}
		}
		if err != nil {
			t.Fatalf("what is whole does not answer: %v", err)
		}
	}
}
