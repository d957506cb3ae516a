package sqlconn_test

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// TestSchemaBehindIsRefused: a start on a schema that is behind is refused with
// the command that cures it; one that is up to date, or ahead, is not.
func TestSchemaBehindIsRefused(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		c.Migrate = new(false)
		start := func(behind bool, migrations fstest.MapFS) {
			t.Helper()
			db, err := sqlconn.Open(t.Context(), c, "keys", migrations)
			if err == nil {
				_ = db.Close()
			}
			if (err != nil) != behind {
				t.Errorf("started: %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "`strongroom-keys migrate --config FILE`") {
				t.Errorf("the error does not name the command: %v", err)
			}
		}
		start(true, second())
		if version, err := sqlconn.Migrate(t.Context(), c, "keys", first); err != nil || version != 1 {
			t.Fatalf("version %d, %v", version, err)
		}
		start(true, second())
		if version, err := sqlconn.Migrate(t.Context(), c, "keys", second()); err != nil || version != 2 {
			t.Fatalf("version %d, %v", version, err)
		}
		start(false, second())
		start(false, first) // an older replica, while a release rolls out
	})
}

// TestNewDatabaseOpenedTogether: two processes, or more, find the same database
// new and empty.
func TestNewDatabaseOpenedTogether(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		c.Migrate = new(true)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				db, err := sqlconn.Open(t.Context(), c, "test", second())
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = db.Close() }()
				if _, err := db.ExecContext(t.Context(), `SELECT b FROM a`); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}
