package telemetry

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// told is a par service that tells by Prometheus.
func told(t *testing.T) (*Telemetry, Service) {
	t.Helper()
	told, err := Open(t.Context(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "par", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	return told, told.Of(rpc.PAR)
}

// has fails where a scrape has no such line.
func has(t *testing.T, told *Telemetry, line string) {
	t.Helper()
	if scraped := scrape(t, told); !strings.Contains(scraped, line+"\n") {
		t.Errorf("no %s in:\n%s", line, scraped)
	}
}

// TestWhatRingsAtOnceIsCountedFromZero: Prometheus sees a count grow, and nothing in one
// that begins at one.
func TestWhatRingsAtOnceIsCountedFromZero(t *testing.T) {
	told, of := told(t)
	for _, count := range []string{"0", "1"} {
		has(t, told, `strongroom_refusals_total{error="PermissionDenied",rule="",service="par"} `+count)
		has(t, told, `strongroom_operator_refusals_total{service="par"} `+count)
		of.Refused(t.Context(), rpc.Refusal{Code: "PermissionDenied"})
		_, end := of.Call(t.Context(), "/strongroom.admin.v1.AdminService/SuspendClient", "")
		end(&rpc.Refusal{Code: "PermissionDenied"})
	}
}

// TestFaultsAreCountedAtEachFace: what the program could not answer, at the edge, between
// services, and of an operator; and nothing that is wrong with a request or a store, or
// that another service has counted.
func TestFaultsAreCountedAtEachFace(t *testing.T) {
	told, of := told(t)
	faults := 0
	see := func(fault bool) {
		t.Helper()
		if fault {
			faults++
		}
		has(t, told, fmt.Sprintf(`strongroom_faults_total{service="par"} %d`, faults))
	}
	see(false)
	for status, fault := range map[int]bool{200: false, 400: false, 500: true, 501: false, 502: true, 503: false} {
		_, done := of.Request(t.Context(), "/{issuer}/par", "POST", "")
		done(status)
		see(fault)
	}
	for code, fault := range map[string]bool{
		"server_error": true, "Internal": true, "Unknown": true, "temporarily_unavailable": false, "Unavailable": false, "invalid_request": false, "PermissionDenied": false,
	} {
		_, end := of.Begin(t.Context(), "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
		end(&rpc.Refusal{Code: code})
		see(fault)
		_, end = of.Call(t.Context(), "/strongroom.admin.v1.AdminService/SuspendClient", "")
		end(&rpc.Refusal{Code: code})
		see(fault)
	}
	_, end := of.Begin(t.Context(), "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
	end(&rpc.Refusal{Code: "server_error", PassedOn: true})
	see(false)
}
