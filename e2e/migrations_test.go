package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// takesAway is what the replicas of the release before would not survive.
var takesAway = regexp.MustCompile(`(?i)\b(DROP|RENAME|TRUNCATE|ALTER COLUMN|DELETE FROM)\b`)

// needsMore is a column that the release before does not fill in.
var needsMore = regexp.MustCompile(`(?i)ADD COLUMN[^;]*NOT NULL`)

// beforeTheFirstRelease are migrations that no release ran without.
var beforeTheFirstRelease = map[string]bool{"keys/00002_issuer_key.sql": true}

// TestMigrationsOnlyAdd is the promise of docs/operations.md: who migrates first may
// replace the replicas of the release before one by one.
func TestMigrationsOnlyAdd(t *testing.T) {
	files, err := filepath.Glob("../services/*/internal/store/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.Split(file, "/")[2] + "/" + filepath.Base(file)
		if beforeTheFirstRelease[name] {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, up, _ := strings.Cut(string(text), "+goose Up")
		up, _, _ = strings.Cut(up, "+goose Down")
		for statement := range strings.SplitSeq(up, ";") {
			if found := takesAway.FindString(statement); found != "" {
				t.Errorf("%s takes away what the release before uses: %s", name, found)
			}
			if needsMore.MatchString(statement) && !strings.Contains(strings.ToUpper(statement), "DEFAULT") {
				t.Errorf("%s adds a column that the release before does not fill in: %s", name, strings.TrimSpace(statement))
			}
		}
	}
}
