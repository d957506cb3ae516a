package telemetry

import (
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// WatchClock shows how far a service's clock is ahead of its store's, as it is told
// each time that they are compared; nothing before that.
func (t *Telemetry) WatchClock(service rpc.Name) (tell func(ahead time.Duration)) {
	if t == nil || t.metrics == nil {
		return func(time.Duration) {}
	}
	var last atomic.Pointer[time.Duration]
	of := metric.WithAttributeSet(attribute.NewSet(attribute.String("service", string(service))))
	seen, _ := t.metrics.meter.Float64ObservableGauge("strongroom.clock.ahead.seconds",
		metric.WithDescription("How far this clock is ahead of the store's; below zero: behind."))
	t.onLook(seen, func(o metric.Observer) {
		if ahead := last.Load(); ahead != nil {
			o.ObserveFloat64(seen, ahead.Seconds(), of)
		}
	})
	return func(ahead time.Duration) { last.Store(&ahead) }
}
