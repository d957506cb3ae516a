//go:build e2e

package redisconn_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// TestRefusedAtTheStart: a process to which Redis would never answer ends at its start,
// and says by which member of its configuration.
func TestRefusedAtTheStart(t *testing.T) {
	ca := networktest.NewCA(t)
	single, cluster := tlsServer(t, ca), clusterOfOne(t, ca)
	for _, row := range []struct{ name, url, roots, want string }{
		{"a wrong password", "rediss://par:hunter1@localhost:" + single, ca.File(), "WRONGPASS"},
		{"no password", "rediss://localhost:" + single, ca.File(), "NOAUTH"},
		{"a user who may do nothing here", "rediss://operator:hunter3@localhost:" + single, ca.File(), "NOPERM"},
		{"a certificate of an authority that is not trusted", "rediss://par:hunter2@localhost:" + single, networktest.NewCA(t).File(), "certificate"},
		{"a certificate for another name", "rediss://par:hunter2@127.0.0.1:" + single, ca.File(), "certificate"},
		{"a wrong password of a cluster", "rediss+cluster://par:hunter1@localhost:" + cluster, ca.File(), "WRONGPASS"},
		{"a certificate of a cluster", "rediss+cluster://par:hunter2@localhost:" + cluster, networktest.NewCA(t).File(), "certificate"},
	} {
		t.Run(row.name, func(t *testing.T) {
			client, err := redisconn.Open(redisconn.Config{URL: secret.New(row.url), Roots: row.roots})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err = client.WatchBirths(ctx, &redisconn.Watcher{Service: "par", Log: slog.New(slog.DiscardHandler)})
			if err == nil || !strings.HasPrefix(err.Error(), "redis.url") || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hunter") {
				t.Errorf("it said %v", err)
			}
		})
	}
}
