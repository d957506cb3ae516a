package telemetrytest

import (
	"encoding/hex"
	"slices"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metric "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Span is one of a trace, as it was sent.
type Span struct {
	// Process is the name of the process that told it, such as strongroom-par.
	Process string
	Name    string
	// Trace, ID and Parent are in hex; a root has no Parent.
	Trace, ID, Parent string
	// Told is everything that it says, for who looks for what it must not say.
	Told string
}

func spanOf(process string, s *trace.Span) Span {
	return Span{
		Process: process, Name: s.GetName(),
		Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
		Told: s.String(),
	}
}

// keep writes down the points of a metric.
func keep(values map[string]float64, m *metric.Metric) {
	points := slices.Concat(m.GetSum().GetDataPoints(), m.GetGauge().GetDataPoints())
	for _, point := range points {
		value := point.GetAsDouble()
		if _, whole := point.GetValue().(*metric.NumberDataPoint_AsInt); whole {
			value = float64(point.GetAsInt())
		}
		values[m.GetName()+of(point.GetAttributes())] = value
	}
	for _, point := range m.GetHistogram().GetDataPoints() {
		values[m.GetName()+of(point.GetAttributes())] = float64(point.GetCount())
	}
}

// of is the attributes of a point, in the order of their names.
func of(attributes []*common.KeyValue) string {
	var told []string
	for _, a := range attributes {
		told = append(told, a.GetKey()+"="+a.GetValue().GetStringValue())
	}
	slices.Sort(told)
	return "{" + strings.Join(told, ",") + "}"
}

func named(attributes []*common.KeyValue, name string) string {
	for _, a := range attributes {
		if a.GetKey() == name {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}
