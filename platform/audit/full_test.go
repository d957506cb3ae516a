//go:build unix

package audit_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/disktest"
)

// TestFullDisk: a disk that is full in the middle of a line holds up whoever must be
// told, and nobody else; when there is room the chain goes on, tells of the line that
// was not finished, and has every event once and in its order.
func TestFullDisk(t *testing.T) {
	rows := []struct {
		name string
		// room is what the file may still grow by, in bytes, again and again; each
		// time it is used up.
		room []int
		// torn is the length of what is told of, in bytes.
		torn int
		// ends tells that the process does so while the disk is full.
		ends bool
	}{
		{"in the middle of a line", []int{40}, 40, false},
		{"between two lines", []int{0}, 0, false},
		{"behind the line break that ends it", []int{40, 1}, 41, false},
		{"in the middle of what tells of it", []int{40, 100}, 140, false},
		{"in the middle of the second line", []int{400}, 0, false}, // how long the first one is, is not this test's
		{"until the process ends", []int{400}, 0, true},
	}
	for _, row := range rows {
		if disktest.Case() == row.name {
			if row.ends {
				endsFull(t, row.room[0])
				return
			}
			fullDisk(t, row.room, row.torn)
			return
		}
	}
	children := make([]func(*testing.T), len(rows))
	for n, row := range rows { // all at once, for each waits for seconds
		children[n] = disktest.Start(t, row.name)
	}
	for n, row := range rows {
		t.Run(row.name, children[n])
	}
}

func fullDisk(t *testing.T, room []int, torn int) {
	c := audit.Config{Folder: t.TempDir(), Instance: "a"}
	r := open(t, c)
	var want []string
	kept := func(n int) audit.Event {
		want = append(want, fmt.Sprint("grant-", n))
		return audit.Event{Kind: audit.GrantCreated, GrantID: want[len(want)-1]}
	}
	record(t, r, kept(1))
	for n, more := range room {
		disktest.Limit(t, size(t, c.Folder)+int64(more))
		if n > 0 {
			failsAgain(t, r)
			continue
		}
		// Whoever waits is refused, once the line does not fit.
		for n := range 3 {
			err := r.Record(t.Context(), kept(2+n))
			if err == nil && n == 0 && more > 200 {
				continue
			}
			if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 || refusal.RetryAfter == 0 {
				t.Errorf("a grant on a full disk is answered %v", err)
			}
		}
		for n := range 50 {
			want = append(want, fmt.Sprint("token-", n))
			record(t, r, audit.Event{Kind: audit.TokenIssued, GrantID: want[len(want)-1]})
		}
		failsAgain(t, r)
	}
	disktest.Limit(t, -1)
	eventually(t, "what waits is written", func() bool { return r.Stats().Queued == 0 && r.Stats().Written >= uint64(1+len(want)) })
	record(t, r, kept(5))
	if s := r.Stats(); s.Lost != 0 || s.Failures == 0 {
		t.Errorf("%+v", s)
	}
	closed(t, r)
	var got []string
	report, err := audit.Walk(audit.Chain{Folder: c.Folder, Service: "token", Instance: "a"}, func(l audit.Line, _ []byte) {
		if l.Kind != audit.Opened {
			got = append(got, l.GrantID)
		}
		if l.Torn != nil && torn > 0 && l.Torn.Bytes != torn {
			t.Errorf("told is of %d bytes, want %d", l.Torn.Bytes, torn)
		}
	})
	if err != nil || report.Broken != nil || report.Unfinished != 0 || torn > 0 && len(report.Torn) != 1 {
		t.Errorf("%+v, %v, %v", report, report.Broken, err)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the trail has\n%v, want\n%v", got, want)
	}
}

// endsFull ends a trail whose disk is full: what is not in it is in the log, one by one.
func endsFull(t *testing.T, room int) {
	var log bytes.Buffer
	c := audit.Config{Folder: t.TempDir(), Instance: "a"}
	r, err := audit.Open(c, "token", clock.NewManual(start), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	disktest.Limit(t, size(t, c.Folder)+int64(room))
	for n := range 10 {
		record(t, r, audit.Event{Kind: audit.TokenIssued, GrantID: fmt.Sprintf("grant-%d.", n)})
	}
	if err := r.Close(); err == nil {
		t.Error("it ends well")
	}
	var trail string
	report, err := audit.Walk(audit.Chain{Folder: c.Folder, Service: "token", Instance: "a"}, func(l audit.Line, _ []byte) { trail += l.GrantID })
	if err != nil || report.Broken != nil || trail == "" {
		t.Errorf("%+v, %v: the trail has %q", report, err, trail)
	}
	for n := range 10 {
		id := fmt.Sprintf("grant-%d.", n)
		lost := strings.Contains(log.String(), `msg="audit event lost" kind=token.issued client_id="" grant_id=`+id)
		if kept := strings.Contains(trail, id); kept == lost {
			t.Errorf("%s is in the trail: %t, in the log: %t", id, kept, lost)
		}
	}
}

// failsAgain waits until the recorder has tried once more.
func failsAgain(t *testing.T, r *audit.Recorder) {
	t.Helper()
	before := r.Stats().Failures
	eventually(t, "it tries again", func() bool { return r.Stats().Failures >= before+1 })
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// size is that of the only file, in bytes.
func size(t *testing.T, folder string) int64 {
	t.Helper()
	info, err := os.Stat(files(t, folder)[0])
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
