// Package telemetry tells operators how a process fares: metrics for Prometheus or
// by OTLP, and one trace for each sampled request, through every service and store
// that it passes.
// Everything is off where it is not configured, and costs next to nothing then.
package telemetry

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Config is what a process tells of itself, and to whom.
type Config struct {
	// Traces are sent by OTLP over gRPC.
	Traces Traces `yaml:"traces"`
	// Metrics are served for Prometheus, sent by OTLP over gRPC, or both.
	Metrics Metrics `yaml:"metrics"`
}

// Traces are one trace for each sampled request.
type Traces struct {
	// Endpoint of a collector that speaks OTLP over gRPC, host:port. Empty: no
	// traces.
	Endpoint string `yaml:"endpoint"`
	// Insecure sends without TLS, to a collector on this machine.
	Insecure bool `yaml:"insecure"`
	// SampleRatio is the part of requests that are traced, from 0 to 1. It is
	// the gateway's to decide; the services follow. What reaches a service from
	// outside, such as a call of an operator, is that service's. Default 0.01.
	SampleRatio *float64 `yaml:"sample_ratio"`
}

// Metrics are served by HTTP at /metrics, and sent to a collector.
type Metrics struct {
	// Listen is the address, host:port. It is no public one, for it asks nobody
	// who they are. Empty: none are served.
	Listen string `yaml:"listen"`
	// Endpoint of a collector that speaks OTLP over gRPC, host:port. Empty: none are
	// sent.
	Endpoint string `yaml:"endpoint,omitempty"`
	// Insecure sends without TLS, to a collector on this machine.
	Insecure bool `yaml:"insecure,omitempty"`
	// Interval is how often they are sent. Default 1m.
	Interval time.Duration `yaml:"interval,omitempty"`
}

const (
	defaultSampleRatio = 0.01
	defaultInterval    = time.Minute
)

func (t Traces) ratio() float64 {
	if t.SampleRatio == nil {
		return defaultSampleRatio
	}
	return *t.SampleRatio
}

// Validate tells every fault.
func (c Config) Validate() error {
	var faults []error
	if r := c.Traces.ratio(); !(r >= 0 && r <= 1) {
		faults = append(faults, fmt.Errorf("telemetry.traces.sample_ratio must be from 0 to 1, such as 0.01, and is %v", r))
	}
	if i := c.Metrics.Interval; i != 0 && i < time.Second {
		faults = append(faults, fmt.Errorf("telemetry.metrics.interval must be at least 1s, such as 1m, and is %s", i))
	}
	for _, row := range []struct{ key, address string }{
		{"traces.endpoint", c.Traces.Endpoint}, {"metrics.endpoint", c.Metrics.Endpoint}, {"metrics.listen", c.Metrics.Listen},
	} {
		if row.address != "" && !isAddress(row.address) {
			faults = append(faults, fmt.Errorf("telemetry.%s must be host:port, such as 127.0.0.1:9464, and is %q", row.key, row.address))
		}
	}
	return errors.Join(faults...)
}

// isAddress tells host:port with a port in numbers: a name that is unknown here
// would only show when it is dialled.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil || strings.Contains(text, "/") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
