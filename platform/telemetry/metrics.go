package telemetry

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// instruments are the metrics, as Prometheus names them:
//
//	strongroom_rpc_duration_seconds{service,method,outcome}  calls of other services, of operators and of the bank's app
//	strongroom_http_duration_seconds{route,method,status}    requests at the edge and at the interaction API
//	strongroom_faults_total{service}                         requests and calls that met a fault of the program
//	strongroom_refusals_total{service,error,rule}            refusals, where they were made
//	strongroom_operator_refusals_total{service}              calls that an operator may not make
//	strongroom_keys_used_total{purpose,alg}                  signatures and decryptions
//	strongroom_audit_*                                       the audit trail, see audit.Stats
//	strongroom_keys_age_seconds{issuer,purpose,alg}          how long a key has been in use
//	strongroom_keys_rotation_seconds{issuer,purpose,alg}     until its successor is due
//	strongroom_sweep_*                                       expired rows removed
//	strongroom_clock_ahead_seconds{service}                  ahead of the store's clock
//	strongroom_admission_*{service,kind}                     places at the gateway, new or continuing
//	strongroom_lease_held{service,lease}                     1 at the replica that holds it
//	strongroom_sql_*, strongroom_redis_*                     connections of the stores
//	strongroom_build_info{version,go}                        1
//	strongroom_started_seconds                               when the process began to count, in Unix time
type instruments struct {
	meter    metric.Meter
	rpc      metric.Float64Histogram
	http     metric.Float64Histogram
	faults   metric.Int64Counter
	refusals metric.Int64Counter
	operator metric.Int64Counter
	keys     metric.Int64Counter
	// sets keeps the attributes of what was seen: making them costs more than
	// counting.
	sets sync.Map
}

// buckets of a duration, in seconds: from a call in the same process to the
// gateway's timeout.
var buckets = []float64{.0001, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

func newInstruments(meter metric.Meter, version string) (*instruments, error) {
	m := &instruments{meter: meter}
	var faults [8]error
	m.rpc, faults[0] = meter.Float64Histogram("strongroom.rpc.duration", metric.WithUnit("s"),
		metric.WithDescription("How long a service took to answer a call of another, an operator or the bank's app."), metric.WithExplicitBucketBoundaries(buckets...))
	m.http, faults[1] = meter.Float64Histogram("strongroom.http.duration", metric.WithUnit("s"),
		metric.WithDescription("How long the edge, or the interaction API, took to answer a request."), metric.WithExplicitBucketBoundaries(buckets...))
	m.refusals, faults[2] = meter.Int64Counter("strongroom.refusals", metric.WithDescription("Refusals by OAuth error and rule, where they were made."))
	m.keys, faults[3] = meter.Int64Counter("strongroom.keys.used", metric.WithDescription("Uses of keys: signatures, and request objects decrypted."))
	_, faults[4] = meter.Int64ObservableGauge("strongroom.build.info", metric.WithDescription("1, with the version that runs."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(1, metric.WithAttributes(attribute.String("version", version), attribute.String("go", runtime.Version())))
			return nil
		}))
	m.faults, faults[5] = meter.Int64Counter("strongroom.faults", metric.WithDescription("Requests and calls that met a fault of the program, where it was met and at the edge."))
	m.operator, faults[6] = meter.Int64Counter("strongroom.operator.refusals", metric.WithDescription("Calls that an operator's role or issuers do not allow."))
	started := time.Now().Unix()
	_, faults[7] = meter.Int64ObservableGauge("strongroom.started.seconds", metric.WithDescription("When the process began to count; Unix time."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(started)
			return nil
		}))
	return m, errors.Join(faults[:]...)
}

// labels are up to three values in the order of their names.
type labels struct {
	names *[3]string
	of    [3]string
}

// set is the attributes of labels, made once.
func (m *instruments) set(names *[3]string, a, b, c string) metric.MeasurementOption {
	key := labels{names, [3]string{a, b, c}}
	if set, ok := m.sets.Load(key); ok {
		return set.(metric.MeasurementOption)
	}
	var attributes []attribute.KeyValue
	for n, name := range names {
		if name != "" {
			attributes = append(attributes, attribute.String(name, key.of[n]))
		}
	}
	set, _ := m.sets.LoadOrStore(key, metric.WithAttributeSet(attribute.NewSet(attributes...)))
	return set.(metric.MeasurementOption)
}

var (
	rpcLabels     = &[3]string{"service", "method", "outcome"}
	httpLabels    = &[3]string{"route", "method", "status"}
	refusalLabels = &[3]string{"service", "error", "rule"}
	keyLabels     = &[3]string{"purpose", "alg"}
	serviceLabel  = &[3]string{"service"}
)

func seconds(since time.Time) float64 { return time.Since(since).Seconds() }
