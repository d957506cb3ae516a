package telemetry

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

var metricName = regexp.MustCompile(`strongroom_[a-z_]+`)

// TestDashboardsAndAlertsNameMetricsThatExist: an alarm on a metric that nobody
// has never rings.
func TestDashboardsAndAlertsNameMetricsThatExist(t *testing.T) {
	told, err := Open(context.Background(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "keys", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	told.WatchSQL(rpc.Keys, db)
	told.WatchRedis(rpc.Keys, client)
	told.WatchSweeps(rpc.Token, nil)
	told.WatchAudit(rpc.Keys, nil)
	refusal := rpc.Refusal{Code: "invalid_grant", Rule: "SP2-29"}
	_, done := told.Request(t.Context(), "/{issuer}/token", "POST", "")
	ctx, end := told.Of(rpc.Keys).Begin(t.Context(), "/strongroom.keys.v1.KeysService/Sign", &keysv1.SignRequest{Algorithm: "ES256"})
	told.Of(rpc.Keys).Refused(ctx, refusal)
	end(&refusal)
	_, end = told.Of(rpc.Keys).Begin(t.Context(), "/strongroom.keys.v1.KeysService/Sign", &keysv1.SignRequest{Algorithm: "ES256"})
	end(nil)
	done(503)

	exist := map[string]bool{}
	for _, name := range metricName.FindAllString(scrape(t, told), -1) {
		exist[name] = true
	}
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "observability", file))
		if err != nil {
			t.Fatal(err)
		}
		names := metricName.FindAllString(string(text), -1)
		if len(names) < 8 {
			t.Errorf("%s names only %v", file, names)
		}
		for _, name := range names {
			if !exist[name] {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
}
