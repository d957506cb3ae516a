package suite

import (
	"context"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn/embedded"
)

// EmbeddedRedis starts a Redis-compatible server inside the process, reachable
// only with a password that nobody is told, and answers its URL. It ends with
// ctx, and what it kept ends with it.
func EmbeddedRedis(ctx context.Context) (string, error) {
	server := embedded.New()
	password := oauth.NewSecret()
	server.RequireAuth(password)
	if err := embedded.Start(server, "127.0.0.1:0"); err != nil {
		return "", err
	}
	go func() {
		defer server.Close()
		keepHouse(ctx, server)
	}()
	return "redis://:" + password + "@" + server.Addr(), nil
}

// keepHouse moves the server's time: its keys do not expire by themselves. Each
// record's own expiry decides in the meantime.
func keepHouse(ctx context.Context, server *miniredis.Miniredis) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			server.FastForward(time.Second)
		}
	}
}
