//go:build e2e

package e2e

import (
	"context"
	"sync"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

var processes = &rendering{"processes", sync.OnceValues(func() (*rig.Suite, error) {
	return running(rig.Processes(context.Background()))
})}

func init() { renderings = append(renderings, processes) }
