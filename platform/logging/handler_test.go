package logging_test

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/strongroom-fapi/strongroom/platform/logging"
)

func TestLinesTellTheirTrace(t *testing.T) {
	var out bytes.Buffer
	log, err := logging.New(logging.Config{}, &out, "par")
	if err != nil {
		t.Fatal(err)
	}
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{0xab}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	log.With("key", "value").InfoContext(trace.ContextWithSpanContext(t.Context(), span), "hello")
	if !strings.Contains(out.String(), `"trace_id":"ab00`) || !strings.Contains(out.String(), `"service":"par","key":"value"`) {
		t.Error(out.String())
	}
}
