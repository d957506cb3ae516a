package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

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

// waitBuckets of the time that a call waited, in seconds: close to what admission.wait
// is by default, 250 ms, and up to the gateway's timeout.
var waitBuckets = []float64{.001, .005, .01, .025, .05, .1, .15, .2, .25, .3, .5, 1, 2.5, 5}

// WatchAdmission shows how the gateway admits a kind of calls: new or continuing. It
// answers what tells how long a call waited that had to, whatever came of it.
func (t *Telemetry) WatchAdmission(kind string, now func() Admission) (waited func(time.Duration)) {
	if t == nil || t.metrics == nil {
		return func(time.Duration) {}
	}
	labels := attribute.NewSet(attribute.String("service", string(rpc.Gateway)), attribute.String("kind", kind))
	t.watchAs(labels, []gauge{
		{"strongroom.admission.busy", "Calls that have a place at the gateway.", false, func() int64 { return now().Busy }},
		{"strongroom.admission.limit", "The most calls that can have a place, of this kind.", false, func() int64 { return now().Limit }},
		{"strongroom.admission.waits", "How often a call had to wait for a place.", true, func() int64 { return now().Waits }},
		{"strongroom.admission.refusals", "How often a call found no place in time.", true, func() int64 { return now().Refused }},
	})
	wait, _ := t.metrics.meter.Float64Histogram("strongroom.admission.wait", metric.WithUnit("s"),
		metric.WithDescription("How long calls waited for a place, of those that had to."), metric.WithExplicitBucketBoundaries(waitBuckets...))
	of := metric.WithAttributeSet(labels)
	return func(waited time.Duration) { wait.Record(context.Background(), waited.Seconds(), of) }
}
