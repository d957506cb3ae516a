package telemetry

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// Admission is what the gateway let in of one kind of calls.
type Admission struct {
	// Busy calls have a place now; Limit is how many can.
	Busy, Limit int64
	// Waits is how often a call had to wait for a place, and Refused how often it found
	// none in time.
	Waits, Refused int64
}

// WatchAdmission shows how the gateway admits a kind of calls: new or continuing.
func (t *Telemetry) WatchAdmission(kind string, now func() Admission) {
	t.watchAs(attribute.NewSet(attribute.String("service", string(rpc.Gateway)), attribute.String("kind", kind)), []gauge{
		{"strongroom.admission.busy", "Calls that have a place at the gateway.", false, func() int64 { return now().Busy }},
		{"strongroom.admission.limit", "The most calls that can have a place, of this kind.", false, func() int64 { return now().Limit }},
		{"strongroom.admission.waits", "How often a call had to wait for a place.", true, func() int64 { return now().Waits }},
		{"strongroom.admission.refusals", "How often a call found no place in time.", true, func() int64 { return now().Refused }},
	})
}
