package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// open begins a trail, which ends with the test unless that closes it.
func open(t *testing.T, c audit.Config) *audit.Recorder {
	t.Helper()
	r, err := audit.Open(c, "token", clock.NewManual(start), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func record(t *testing.T, r *audit.Recorder, events ...audit.Event) {
	t.Helper()
	for _, e := range events {
		if err := r.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func closed(t *testing.T, r *audit.Recorder) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// lines are the whole lines of a folder's only chain.
func lines(t *testing.T, folder string) []audit.Line {
	t.Helper()
	var found []audit.Line
	for _, file := range files(t, folder) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if parsed, err := audit.Parse([]byte(strings.TrimSuffix(line, "\n"))); err == nil {
				found = append(found, parsed)
			}
		}
	}
	return found
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files: %v", err)
	}
	return found
}

func TestNilRecorderKeepsNothing(t *testing.T) {
	r, err := audit.Open(audit.Config{}, "token", clock.System, slog.New(slog.DiscardHandler))
	if r != nil || err != nil {
		t.Fatalf("%v, %v", r, err)
	}
	record(t, r, audit.Event{Kind: audit.GrantCreated})
	if r.Stats() != (audit.Stats{}) {
		t.Error(r.Stats())
	}
	closed(t, r)
}

func TestChainGoesOnAfterRestart(t *testing.T) {
	c := audit.Config{Folder: t.TempDir(), Instance: "a"}
	for run := range 3 {
		r := open(t, c)
		record(t, r, audit.Event{Kind: audit.TokenIssued, ClientID: "client-1"}, audit.Event{Kind: audit.GrantCreated, Scopes: []string{"accounts"}})
		if s := r.Stats(); run == 0 && s.Written != 3 {
			t.Errorf("%+v: a grant is written when Record answers", s)
		}
		closed(t, r)
	}
	chain := lines(t, c.Folder)
	if len(chain) != 9 {
		t.Fatalf("%d lines", len(chain))
	}
	for n, line := range chain {
		if line.Seq != uint64(n+1) || n > 0 && line.Prev != chain[n-1].Hash {
			t.Errorf("line %d: %+v", n, line)
		}
		if line.Service != "token" || line.Instance != "a" || !line.Time.Equal(start) {
			t.Errorf("line %d: %+v", n, line)
		}
	}
}

func TestFilesTurnAndTheChainGoesOn(t *testing.T) {
	c := audit.Config{Folder: t.TempDir(), Instance: "a", FileSize: 600}
	r := open(t, c)
	for range 10 {
		record(t, r, audit.Event{Kind: audit.GrantCreated})
	}
	closed(t, r)
	if len(files(t, c.Folder)) < 3 {
		t.Error(files(t, c.Folder))
	}
	chain := lines(t, c.Folder)
	for n := 1; n < len(chain); n++ {
		if chain[n].Prev != chain[n-1].Hash {
			t.Errorf("line %d does not follow", chain[n].Seq)
		}
	}
	if len(chain) != 11 {
		t.Errorf("%d lines", len(chain))
	}
}

func TestTornLineStaysAndIsTold(t *testing.T) {
	c := audit.Config{Folder: t.TempDir(), Instance: "a"}
	r := open(t, c)
	record(t, r, audit.Event{Kind: audit.GrantCreated})
	closed(t, r)
	const torn = `{"seq":3,"prev":"12`
	appendTo(t, files(t, c.Folder)[0], torn)
	r = open(t, c)
	record(t, r, audit.Event{Kind: audit.GrantWithdrawn})
	closed(t, r)
	chain := lines(t, c.Folder)
	if len(chain) != 4 || chain[2].Kind != audit.Opened || chain[2].Torn == nil || chain[2].Torn.Bytes != len(torn) || chain[2].Prev != chain[1].Hash {
		t.Errorf("%+v", chain)
	}
	text, _ := os.ReadFile(files(t, c.Folder)[0])
	if !bytes.Contains(text, []byte(torn+"\n")) {
		t.Error("something was taken out of the file")
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Run("behind a last line that was changed", func(t *testing.T) {
		c := audit.Config{Folder: t.TempDir(), Instance: "a"}
		r := open(t, c)
		record(t, r, audit.Event{Kind: audit.GrantCreated, Subject: "alice"})
		closed(t, r)
		path := files(t, c.Folder)[0]
		text, _ := os.ReadFile(path)
		if err := os.WriteFile(path, bytes.Replace(text, []byte("alice"), []byte("mabel"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, c, "was changed")
	})
	t.Run("beside another process of the same name", func(t *testing.T) {
		c := audit.Config{Folder: t.TempDir(), Instance: "a"}
		defer closed(t, open(t, c))
		refused(t, c, "audit.instance")
	})
	t.Run("in a folder that cannot be", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		appendNew(t, file)
		refused(t, audit.Config{Folder: file, Instance: "a"}, "audit.folder")
	})
	t.Run("under a name that is a path", func(t *testing.T) {
		refused(t, audit.Config{Folder: t.TempDir(), Instance: "../a"}, "audit.instance")
	})
}

func appendNew(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, c audit.Config, names string) {
	t.Helper()
	if _, err := audit.Open(c, "token", clock.System, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), names) {
		t.Errorf("%v, want an error that names %s", err, names)
	}
}

// TestRecordAfterCloseIsLost: what comes too late for the trail is refused, counted and
// in the log, whether or not somebody waits for it.
func TestRecordAfterCloseIsLost(t *testing.T) {
	var log bytes.Buffer
	r, err := audit.Open(audit.Config{Folder: t.TempDir(), Instance: "a"}, "token", clock.NewManual(start), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	closed(t, r)
	for n, kind := range []audit.Kind{audit.ClientDeleted, audit.TokenIssued} {
		err := r.Record(context.Background(), audit.Event{Kind: kind})
		if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
			t.Errorf("%s: %v", kind, err)
		}
		if !strings.Contains(log.String(), `msg="audit event lost" kind=`+string(kind)) || r.Stats().Lost != uint64(n+1) {
			t.Errorf("%s: %+v, the log has %s", kind, r.Stats(), log.String())
		}
	}
}
