package sqlconn

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

func TestSummaryNamesVerbAndTable(t *testing.T) {
	for statement, want := range map[string]string{
		"\n\t\tINSERT INTO user_grant (issuer) VALUES ($1)":                 "INSERT user_grant",
		"SELECT issuer FROM client WHERE issuer = 'secret'":                 "SELECT client",
		"UPDATE user_grant SET withdrawn_at = $4 WHERE issuer = $1":         "UPDATE user_grant",
		"DELETE FROM user_grant WHERE (issuer, grant_id) IN (SELECT issuer": "DELETE user_grant",
		"begin":            "BEGIN",
		"SELECT EXISTS (1": "SELECT",
		"-- ping":          "--",
		"":                 "ping",
	} {
		if got := summaryOf(statement); got != want {
			t.Errorf("%q is %q, want %q", statement, got, want)
		}
	}
}

// TestStatementsHaveSpans: below the request's own where that is sampled, without
// their arguments; else none.
func TestStatementsHaveSpans(t *testing.T) {
	dsn := os.Getenv("STRONGROOM_TEST_POSTGRES")
	if dsn == "" { // SQLite has no spans: nothing is left to test
		return
	}
	migrations := fstest.MapFS{"00001_kept.sql": {Data: []byte("-- +goose Up\nCREATE TABLE kept (name TEXT NOT NULL PRIMARY KEY);\n")}}
	migrate := true
	db, err := Open(t.Context(), Config{DSN: secret.New(dsn), Schema: fmt.Sprintf("spans_%d", os.Getpid()), Migrate: &migrate}, "test", migrations)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	told := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(told))
	ctx, request := provider.Tracer("test").Start(context.Background(), "request")
	for range 2 { // the second breaks UNIQUE, and PostgreSQL quotes the value
		_, _ = db.ExecContext(ctx, `INSERT INTO kept (name) VALUES ($1)`, "secret")
	}
	var name string
	if err := db.QueryRowContext(ctx, `SELECT name FROM kept WHERE name = $1`, "secret").Scan(&name); err != nil {
		t.Error(err)
	}
	if _, err := db.ExecContext(context.Background(), `DELETE FROM kept`); err != nil { // nobody's request
		t.Error(err)
	}
	request.End()
	var names []string
	for _, span := range told.GetSpans() {
		names = append(names, span.Name+" "+span.Status.Code.String())
		if text := fmt.Sprint(span); strings.Contains(text, "secret") {
			t.Errorf("a span tells an argument: %s", text)
		}
		if span.Name != "request" && span.Parent.SpanID() != request.SpanContext().SpanID() {
			t.Errorf("%s is not the request's", span.Name)
		}
	}
	if want := "[sql INSERT kept Unset sql INSERT kept Error sql SELECT kept Unset request Unset]"; fmt.Sprint(names) != want {
		t.Errorf("the spans are %v, want %s", names, want)
	}
}
