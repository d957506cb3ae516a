// Package embedded is a Redis inside the process, for the sandbox and for tests:
// it forgets everything at its end, and tells so as a real one does.
package embedded

import (
	"strings"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// New makes a server that is not started. It answers INFO as far as the suite
// asks: this is a primary, its life began here, and it never evicts.
func New() *miniredis.Miniredis { return miniredis.NewMiniRedis() }

// Start listens at an address of this machine. More lines NAME:VALUE of INFO may
// be given, which come before its own.
func Start(m *miniredis.Miniredis, address string, more ...string) error {
	if err := m.StartAddr(address); err != nil {
		return err
	}
	own := []string{"role:master", "master_replid:" + oauth.NewID(), "maxmemory_policy:noeviction", ""}
	info := strings.Join(append(more, own...), "\r\n")
	m.Server().SetPreHook(func(c *server.Peer, command string, _ ...string) bool {
		if command != "INFO" {
			return false
		}
		c.WriteBulk(info)
		return true
	})
	return nil
}
