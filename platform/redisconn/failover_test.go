//go:build e2e

package redisconn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnceDeployed: the same, where another server can take over.
func TestOnceDeployed(t *testing.T) { once.Deployed(t, once.Things{"mark": mark}) }

// TestClusterForgets: each primary has its own birth.
func TestClusterForgets(t *testing.T) {
	address, servers := storetest.NewCluster(t, false)
	client := storetest.OpenRedis(t, address)
	before := time.Now()
	servers[1].Do(t, "flushall")
	refused := 0
	for n := range 60 {
		s := spending(strings.Repeat("k", n+1), "first")
		s.Issued = before
		if _, err := client.Burn(t.Context(), s); err != nil {
			refused++
		}
	}
	if refused < 5 || refused > 40 {
		t.Errorf("%d of 60 are refused where one primary of three forgot", refused)
	}
}
