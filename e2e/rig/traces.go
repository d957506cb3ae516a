package rig

import (
	"bytes"
	"os"
	"os/exec"

	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
)

// openCollector begins to collect what processes tell, until after they have ended.
func (s *Suite) openCollector() error {
	collector, err := telemetrytest.Open()
	if err != nil {
		return err
	}
	s.Collector = collector
	s.later(func() error {
		collector.Close()
		return nil
	})
	return nil
}

// traced lets a part send every request's spans to the collector.
func (s *Suite) traced(config map[string]any) {
	config["telemetry"] = map[string]any{"traces": map[string]any{"endpoint": s.Collector.Address, "insecure": true, "sample_ratio": 1}}
}

// soon lets a process send its spans in a tenth of a second, in milliseconds, and drop
// none when many tests run at once.
func soon(command *exec.Cmd) {
	command.Env = append(os.Environ(), "OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_BSP_MAX_QUEUE_SIZE=20000")
}

// Traces is everything that spans tell, one in each line.
func (s *Suite) Traces() []byte {
	var lines bytes.Buffer
	if s.Collector != nil {
		for _, span := range s.Collector.Spans() {
			lines.WriteString(span.Told + "\n")
		}
	}
	return lines.Bytes()
}
