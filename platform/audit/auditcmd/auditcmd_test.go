package auditcmd_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/audit/auditcmd"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// trail is a folder in which authorize and token have recorded a grant, what was
// issued under it, and what else happened.
func trail(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	clk := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	open := func(service string) *audit.Recorder {
		r, err := audit.Open(audit.Config{Folder: folder, Instance: "a"}, service, clk, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	authorize, token := open("authorize"), open("token")
	for _, e := range []struct {
		by *audit.Recorder
		audit.Event
	}{
		{authorize, audit.Event{Kind: audit.GrantCreated, GrantID: "grant-1", ClientID: "client-1", Subject: "alice"}},
		{authorize, audit.Event{Kind: audit.GrantCreated, GrantID: "grant-2", ClientID: "client-2", Subject: "bob"}},
		{token, audit.Event{Kind: audit.TokenIssued, GrantID: "grant-1", AuthorizationID: "authorization-1", ClientID: "client-1"}},
		{token, audit.Event{Kind: audit.TokenRevoked, AuthorizationID: "authorization-1", ClientID: "client-1"}},
		{token, audit.Event{Kind: audit.Refused, InteractionID: "interaction-1", ClientID: "client-2", Rule: "TOK-2"}},
		{authorize, audit.Event{Kind: audit.GrantWithdrawn, GrantID: "grant-1"}},
	} {
		clk.Advance(time.Minute)
		if err := e.by.Record(t.Context(), e.Event); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []*audit.Recorder{authorize, token} {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func run(args ...string) (string, error) {
	var out bytes.Buffer
	err := auditcmd.Program{Name: "test", Folder: auditcmd.FolderFlag, Out: &out}.Run(args)
	return out.String(), err
}

func TestExport(t *testing.T) {
	folder := trail(t)
	for _, row := range []struct {
		name string
		args []string
		want []audit.Kind
	}{
		{"of a client, with what names its grant alone", []string{"--client", "client-1"},
			[]audit.Kind{audit.GrantCreated, audit.TokenIssued, audit.TokenRevoked, audit.GrantWithdrawn}},
		{"of a grant, with what names its authorization alone", []string{"--grant", "grant-1"},
			[]audit.Kind{audit.GrantCreated, audit.TokenIssued, audit.TokenRevoked, audit.GrantWithdrawn}},
		{"of an interaction", []string{"--interaction", "interaction-1"}, []audit.Kind{audit.Refused}},
		{"since a time", []string{"--since", "2026-03-01T12:05:00Z"}, []audit.Kind{audit.Refused, audit.GrantWithdrawn}},
		{"of a client since a time", []string{"--client", "client-2", "--since", "2026-03-01T12:03:00Z"}, []audit.Kind{audit.Refused}},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, err := run(append([]string{"export", "--folder", folder}, row.args...)...)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for line := range strings.Lines(out) {
				l, err := audit.Parse([]byte(strings.TrimSuffix(line, "\n")))
				if err != nil {
					t.Errorf("it is not a line of the trail: %v: %s", err, line)
				}
				kinds = append(kinds, string(l.Kind))
			}
			var want []string
			for _, k := range row.want {
				want = append(want, string(k))
			}
			if strings.Join(kinds, " ") != strings.Join(want, " ") {
				t.Errorf("got %v, want %v", kinds, want)
			}
		})
	}
	if _, err := run("export", "--folder", folder); err == nil || !strings.Contains(err.Error(), "--client") {
		t.Errorf("nothing was asked for: %v", err)
	}
}

func TestVerifyNamesTheFirstBrokenLine(t *testing.T) {
	const file = "token.a.000000000001.jsonl"
	for _, row := range []struct {
		name string
		edit func(lines []string) []string
		want string
	}{
		{"nothing is wrong", func(l []string) []string { return l }, ""},
		{"a client_id was changed", func(l []string) []string {
			l[1] = strings.Replace(l[1], "client-1", "client-9", 1)
			return l
		}, "line 2"},
		{"a line was taken out", func(l []string) []string { return append(l[:1], l[2:]...) }, "line 2"},
		{"two lines changed places", func(l []string) []string {
			l[1], l[2] = l[2], l[1]
			return l
		}, "line 2"},
		{"a line came twice", func(l []string) []string { return append(l[:2], l[1:]...) }, "line 3"},
		{"a line of another chain was put in", func(l []string) []string { return append(l[:3], foreign(t), l[3]) }, "line 4"},
		{"something that is no line was put in", func(l []string) []string { return append(l[:2], "{}\n", l[2], l[3]) }, "line 3"},
	} {
		t.Run(row.name, func(t *testing.T) {
			folder := trail(t)
			path := filepath.Join(folder, file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for line := range strings.Lines(string(text)) {
				lines = append(lines, line)
			}
			if err := os.WriteFile(path, []byte(strings.Join(row.edit(lines), "")), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := run("verify", "--folder", folder)
			if (err != nil) != (row.want != "") || row.want != "" && !strings.Contains(out, "BROKEN: "+file+" "+row.want+":") {
				t.Errorf("%v, want %q in:\n%s", err, row.want, out)
			}
			if !strings.Contains(out, "authorize.a  holds") {
				t.Errorf("the other chain:\n%s", out)
			}
		})
	}
}

// foreign is a whole line that the chain does not have.
func foreign(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(trail(t), "authorize.a.000000000001.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(string(text), "\n")[1]
}

func TestVerifyComparesWithAHead(t *testing.T) {
	folder := trail(t)
	out, err := run("verify", "--folder", folder)
	if err != nil {
		t.Fatal(err, out)
	}
	_, after, _ := strings.Cut(out, "token.a  holds")
	_, hash, _ := strings.Cut(after, "head ")
	head := "token.a:4:" + strings.Fields(hash)[0]
	if out, err := run("verify", "--folder", folder, "--head", head); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	path := filepath.Join(folder, "token.a.000000000001.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	if err := os.WriteFile(path, text[:cut], 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run("verify", "--folder", folder); err != nil {
		t.Errorf("a chain that was cut off looks whole without a head: %v\n%s", err, out)
	}
	if out, err := run("verify", "--folder", folder, "--head", head); err == nil || !strings.Contains(out, "cut off") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run("verify", "--folder", folder, "--head", "keys.a:1:00"); err == nil || !strings.Contains(out, "keys.a  BROKEN") {
		t.Errorf("a chain that is gone: %v\n%s", err, out)
	}
}

// TestVerifyTellsOfATornLine: a kill in the middle of a write breaks nothing and
// is told, before and after the next start.
func TestVerifyTellsOfATornLine(t *testing.T) {
	folder := trail(t)
	path := filepath.Join(folder, "token.a.000000000001.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-40], 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run("verify", "--folder", folder); err != nil || !strings.Contains(out, "not finished: a process writes") {
		t.Errorf("%v\n%s", err, out)
	}
	for range 2 { // torn at the beginning of a run too
		r, err := audit.Open(audit.Config{Folder: folder, Instance: "a"}, "token", clock.System, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		out, err := run("verify", "--folder", folder)
		if err != nil || !strings.Contains(out, "token.a.000000000001.jsonl line 4 was not finished") {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
