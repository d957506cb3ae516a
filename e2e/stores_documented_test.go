//go:build e2e

package e2e

import (
	"database/sql"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestStoresAreDocumented: docs/stores.md has every table that there is, with how long
// its rows are kept, and every key that real flows leave in Redis, of which each but
// the births has a TTL.
func TestStoresAreDocumented(t *testing.T) {
	t.Parallel()
	s := processes.suite(t)
	for _, k := range kinds[:2] {
		f := k.client(t, s).Authorized(t)
		f.Exchange(t)
		f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusOK)
	}
	text, err := os.ReadFile("../docs/stores.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("tables", func(t *testing.T) { tablesAreDocumented(t, s, string(text)) })
	t.Run("keys", func(t *testing.T) { keysAreDocumented(t, s, string(text)) })
}

func tablesAreDocumented(t *testing.T, s *rig.Suite, page string) {
	schemas := []string{"authorize", "clientreg", "keys", "token"}
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| ([a-z, ]+) \\| `(\\w+)` \\| [^|]+ \\| [^|]+ \\|$").FindAllStringSubmatch(page, -1) {
		of := strings.Split(row[1], ", ")
		if row[1] == "all" {
			of = schemas
		}
		for _, schema := range of {
			documented[schema+"."+row[2]] = true
		}
	}
	db, err := sql.Open("pgx", configured(t, s, "sql-dsn"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT table_schema || '.' || table_name FROM information_schema.tables
		WHERE table_schema IN ('authorize', 'clientreg', 'keys', 'par', 'token', 'gateway')`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	there := map[string]bool{}
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		there[table] = true
	}
	if err := rows.Err(); err != nil || !maps.Equal(there, documented) {
		t.Errorf("there are %q, and documented %q, %v", slices.Sorted(maps.Keys(there)), slices.Sorted(maps.Keys(documented)), err)
	}
}

// shapes are what the words in a documented key stand for.
var shapes = strings.NewReplacer("ISSUER", `[a-z0-9-]+`, "CLIENT", `[^/}]+`, "HASH", `[A-Za-z0-9_-]{43}`, "MINUTE", `\d+`, "SERVICE", `[a-z]+`, "TAG", `[^}]+`)

func keysAreDocumented(t *testing.T, s *rig.Suite, page string) {
	var documented []*regexp.Regexp
	for _, row := range regexp.MustCompile("(?m)^\\| `((?:clientreg|par|authorize|token|SERVICE):[^`]+)` \\|").FindAllStringSubmatch(page, -1) {
		documented = append(documented, regexp.MustCompile("^"+shapes.Replace(regexp.QuoteMeta(row[1]))+"$"))
	}
	options, err := redis.ParseURL(configured(t, s, "redis-url"))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) < 10 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for _, key := range keys {
		if !slices.ContainsFunc(documented, func(shape *regexp.Regexp) bool { return shape.MatchString(key) }) {
			t.Errorf("%s is not documented", key)
		}
		_, birth, _ := strings.Cut(key, ":")
		if ttl, err := client.TTL(t.Context(), key).Result(); err != nil || (ttl == -1) != (birth == "birth") {
			t.Errorf("%s lives for %s, %v", key, ttl, err)
		}
	}
}

// configured is what stands in a secret's file of the suite.
func configured(t *testing.T, s *rig.Suite, name string) string {
	t.Helper()
	text, err := os.ReadFile(s.Layout.File(name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
