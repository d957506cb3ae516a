//go:build e2e

package store

import (
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnceDeployed: the same, where another Redis can take over.
func TestOnceDeployed(t *testing.T) { once.Deployed(t, things()) }
