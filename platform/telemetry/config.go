// Package telemetry tells operators how a process fares: metrics for Prometheus,
// and one trace for each sampled request, through every service that it passes.
// Everything is off where it is not configured, and costs next to nothing then.
package telemetry

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// Config is what a process tells of itself, and to whom.
type Config struct {
	// Traces are sent by OTLP over gRPC.
	Traces Traces `yaml:"traces"`
	// Metrics are served for Prometheus.
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
	// the gateway's to decide; the services follow. Default 0.01.
	SampleRatio *float64 `yaml:"sample_ratio"`
}

// Metrics are served by HTTP at /metrics.
type Metrics struct {
	// Listen is the address, host:port. It is no public one, for it asks nobody
	// who they are. Empty: no metrics.
	Listen string `yaml:"listen"`
}

const defaultSampleRatio = 0.01

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
	for name, address := range map[string]string{"telemetry.traces.endpoint": c.Traces.Endpoint, "telemetry.metrics.listen": c.Metrics.Listen} {
		if _, _, err := net.SplitHostPort(address); address != "" && (err != nil || strings.Contains(address, "/")) {
			faults = append(faults, fmt.Errorf("%s must be host:port, such as 127.0.0.1:9464, and is %q", name, address))
		}
	}
	return errors.Join(faults...)
}
