package telemetry

import (
	"context"
	"database/sql"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// gauge is a number that is asked for when somebody looks.
type gauge struct {
	name, text string
	counter    bool
	now        func() int64
}

// watch shows gauges of a service.
func (t *Telemetry) watch(service rpc.Name, gauges ...gauge) {
	t.watchAs(attribute.NewSet(attribute.String("service", string(service))), gauges)
}

// watchAs shows gauges under labels.
func (t *Telemetry) watchAs(labels attribute.Set, gauges []gauge) {
	if t == nil || t.metrics == nil {
		return
	}
	of := metric.WithAttributeSet(labels)
	for _, g := range gauges {
		seen := t.observable(g)
		t.onLook(seen, func(o metric.Observer) { o.ObserveInt64(seen, g.now(), of) })
	}
}

// observable makes the instrument of a gauge, or answers the one that there is. The
// names are constants; a wrong one would show in the tests.
func (t *Telemetry) observable(g gauge) (made metric.Int64Observable) {
	if g.counter {
		made, _ = t.metrics.meter.Int64ObservableCounter(g.name, metric.WithDescription(g.text))
	} else {
		made, _ = t.metrics.meter.Int64ObservableGauge(g.name, metric.WithDescription(g.text))
	}
	return made
}

// onLook calls back when somebody looks at an instrument. It is not an option of the
// instrument: of two that make the same one, the second's would be dropped.
func (t *Telemetry) onLook(at metric.Observable, look func(metric.Observer)) {
	_, _ = t.metrics.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		look(o)
		return nil
	}, at)
}

// WatchAudit shows a service's audit trail.
func (t *Telemetry) WatchAudit(service rpc.Name, r *audit.Recorder) {
	t.watch(service,
		gauge{"strongroom.audit.written", "Events written to the audit trail.", true, func() int64 { return int64(r.Stats().Written) }},
		gauge{"strongroom.audit.failures", "Attempts to write to the audit trail that failed.", true, func() int64 { return int64(r.Stats().Failures) }},
		gauge{"strongroom.audit.lost", "Events that are not in the audit trail.", true, func() int64 { return int64(r.Stats().Lost) }},
		gauge{"strongroom.audit.queued", "Events that wait to be written.", false, func() int64 { return int64(r.Stats().Queued) }})
}

// WatchSQL shows the connections to a service's database.
func (t *Telemetry) WatchSQL(service rpc.Name, db *sql.DB) {
	t.watch(service,
		gauge{"strongroom.sql.open", "Connections to the database.", false, func() int64 { return int64(db.Stats().OpenConnections) }},
		gauge{"strongroom.sql.in_use", "Connections to the database that are in use.", false, func() int64 { return int64(db.Stats().InUse) }},
		gauge{"strongroom.sql.limit", "The most connections to the database.", false, func() int64 { return int64(db.Stats().MaxOpenConnections) }},
		gauge{"strongroom.sql.waits", "How often a connection had to be waited for.", true, func() int64 { return db.Stats().WaitCount }})
}

// WatchRedis shows the connections to a service's Redis.
func (t *Telemetry) WatchRedis(service rpc.Name, client redis.UniversalClient) {
	t.watch(service,
		gauge{"strongroom.redis.open", "Connections to Redis.", false, func() int64 { return int64(client.PoolStats().TotalConns) }},
		gauge{"strongroom.redis.idle", "Connections to Redis that are not in use.", false, func() int64 { return int64(client.PoolStats().IdleConns) }},
		gauge{"strongroom.redis.timeouts", "How often no connection to Redis became free in time.", true, func() int64 { return int64(client.PoolStats().Timeouts) }})
}

// WatchSweeps shows what is removed from a service's tables when it has expired.
func (t *Telemetry) WatchSweeps(service rpc.Name, sweeps *sqlconn.Sweeps) {
	t.watch(service,
		gauge{"strongroom.sweep.rows", "Expired rows that were removed.", true, func() int64 { return sweeps.Stats().Rows }},
		gauge{"strongroom.sweep.failures", "Sweeps that failed.", true, func() int64 { return sweeps.Stats().Failures }},
		gauge{"strongroom.sweep.last_success.seconds", "When this replica last swept all tables; Unix time, 0 for not yet or always another turn.", false, func() int64 {
			return max(sweeps.Stats().Last.Unix(), 0)
		}})
	t.WatchLease(service, sqlconn.SweepLease, func() bool { return sweeps.Stats().Held })
}

// WatchLease shows whether this replica holds a lease of its service.
func (t *Telemetry) WatchLease(service rpc.Name, name string, held func() bool) {
	t.watchAs(attribute.NewSet(attribute.String("service", string(service)), attribute.String("lease", name)), []gauge{
		{"strongroom.lease.held", "1 while this replica holds the lease, else 0.", false, func() int64 {
			if held() {
				return 1
			}
			return 0
		}},
	})
}
