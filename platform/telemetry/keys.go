package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// KeyAge tells of the key that one use of an issuer has.
type KeyAge struct {
	Issuer, Purpose, Algorithm string
	// Age is how long the key has been in use.
	Age time.Duration
	// Due is how long there is until its successor must be published. Below zero it is
	// overdue.
	Due time.Duration
}

// WatchKeys shows how old the keys in use are, and when the next ones are due.
func (t *Telemetry) WatchKeys(ages func() []KeyAge) {
	if t == nil || t.metrics == nil {
		return
	}
	show := func(name, text string, of func(KeyAge) time.Duration) {
		seen := t.observable(gauge{name: name, text: text})
		t.onLook(seen, func(o metric.Observer) {
			for _, k := range ages() {
				o.ObserveInt64(seen, int64(of(k).Seconds()), metric.WithAttributes(attribute.String("issuer", k.Issuer), attribute.String("purpose", k.Purpose), attribute.String("alg", k.Algorithm)))
			}
		})
	}
	show("strongroom.keys.age.seconds", "How long the key in use has been in use.", func(k KeyAge) time.Duration { return k.Age })
	show("strongroom.keys.rotation.seconds", "Until the next key must be published; below zero: overdue.", func(k KeyAge) time.Duration { return k.Due })
}
