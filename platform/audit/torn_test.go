package audit_test

import (
	"os"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/audit"
)

// TestChainHoldsWhereverAWriteStops: a kill or a full disk may stop a write at any
// byte, also where a file ends or begins; the chain goes on, loses no line behind it,
// and calls what is left no break.
func TestChainHoldsWhereverAWriteStops(t *testing.T) {
	const torn = `{"seq":3,"prev":"12`
	for _, row := range []struct {
		name     string
		fileSize int64
		stop     func(t *testing.T, folder, last string)
		// torn is how many unfinished lines are told of, lines how many are whole.
		torn, lines int
	}{
		{"between a line and its line break", 0, func(t *testing.T, _, last string) { cut(t, last, 1) }, 0, 4},
		{"between a line and its line break, in a file that is full", 400, func(t *testing.T, _, last string) { cut(t, last, 1) }, 0, 4},
		{"in a file that is full", 400, func(t *testing.T, _, last string) { appendTo(t, last, torn) }, 1, 4},
		{"in the first line of a file", 0, func(t *testing.T, folder, _ string) {
			if err := os.WriteFile(folder+"/token.a.000000000003.jsonl", []byte(torn), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 1, 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := audit.Config{Folder: t.TempDir(), Instance: "a", FileSize: row.fileSize}
			r := open(t, c)
			record(t, r, audit.Event{Kind: audit.GrantCreated})
			closed(t, r)
			written := files(t, c.Folder)
			row.stop(t, c.Folder, written[len(written)-1])
			r = open(t, c)
			record(t, r, audit.Event{Kind: audit.GrantWithdrawn})
			closed(t, r)
			report, err := audit.Walk(audit.Chain{Folder: c.Folder, Service: "token", Instance: "a"}, func(audit.Line, []byte) {})
			if err != nil || report.Broken != nil {
				t.Fatal(report.Broken, err)
			}
			if len(report.Torn) != row.torn || report.Lines != uint64(row.lines) || report.Unfinished != 0 {
				t.Errorf("%+v", report)
			}
		})
	}
}

// cut takes bytes from the end of a file.
func cut(t *testing.T, path string, bytes int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()-bytes)
	}
	if err != nil {
		t.Fatal(err)
	}
}
