//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
)

// TestOneTrace: a pushed request, and a code's exchange, are each one trace from the
// gateway through every service that takes part, down to the stores. Each span but the
// root hangs on another of the same trace, and none tells what the request was made of.
func TestOneTrace(t *testing.T) {
	t.Parallel()
	s := processes.suite(t)
	c := s.Client(t, rig.DPoP)
	f := c.Flow()
	pushed := c.Send(t, f.PushRequest()).Is(t, http.StatusCreated)
	f.RequestURI = pushed.Text("request_uri")
	f.Approve(t, s.Browser(t))
	bought := f.Exchange(t)
	for what, secret := range map[string]string{"code": f.Code, "verifier": f.Verifier, "token": f.AccessToken, "refresh token": f.RefreshToken, "request_uri": f.RequestURI} {
		if len(s.Secrets.FoundIn([]byte(secret))) == 0 {
			t.Fatalf("the test would not find the %s in a span", what)
		}
	}
	for _, row := range []struct {
		root   string
		answer *rig.Response
		// below are spans, each below the one that made it.
		below []string
	}{
		{"POST /{issuer}/par", pushed, []string{
			"gateway POST /{issuer}/par > par PushedAuthorizationService/Push",
			"par PushedAuthorizationService/Push > clientreg ClientRegistryService/Authenticate",
			"par PushedAuthorizationService/Push > par redis",
			"clientreg ClientRegistryService/Authenticate > clientreg redis",
		}},
		{"POST /{issuer}/token", bought, []string{
			"gateway POST /{issuer}/token > token TokenService/Exchange",
			"token TokenService/Exchange > clientreg ClientRegistryService/Authenticate",
			"token TokenService/Exchange > authorize AuthorizationService/Redeem",
			"token TokenService/Exchange > keys KeysService/Sign",
			"token TokenService/Exchange > token redis",
			"token TokenService/Exchange > token sql",
			"authorize AuthorizationService/Redeem > authorize redis",
			"clientreg ClientRegistryService/Authenticate > clientreg redis",
		}},
	} {
		t.Run(row.root, func(t *testing.T) {
			spans := whole(t, s.Collector, row.answer.Header.Get("X-Fapi-Interaction-Id"), row.below)
			for _, span := range spans {
				if leaks := s.Secrets.FoundIn([]byte(span.Told)); len(leaks) > 0 {
					t.Errorf("%s tells a secret: %v", span.Name, leaks)
				}
			}
		})
	}
}

// whole is the trace of an interaction, when it is there: its spans are sent by six
// processes, each when it likes.
func whole(t *testing.T, collector *telemetrytest.Collector, interaction string, below []string) []telemetrytest.Span {
	t.Helper()
	const patience = 20 * time.Second
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		spans := traceOf(collector.Spans(), interaction)
		found, orphans := edges(spans)
		missing := slices.DeleteFunc(slices.Clone(below), func(edge string) bool { return found[edge] })
		if len(missing) == 0 && len(orphans) == 0 {
			return spans
		}
		if time.Now().After(until) {
			t.Fatalf("of the trace are missing %q, orphans are %q; there are:\n%s", missing, orphans, strings.Join(slices.Sorted(maps.Keys(found)), "\n"))
		}
	}
}

// traceOf are the spans of the one trace whose root tells of an interaction.
func traceOf(all []telemetrytest.Span, interaction string) (spans []telemetrytest.Span) {
	var trace string
	for _, span := range all {
		if span.Parent == "" && strings.Contains(span.Told, interaction) {
			trace = span.Trace
		}
	}
	for _, span := range all {
		if span.Trace == trace {
			spans = append(spans, span)
		}
	}
	return spans
}

// edges are the spans of a trace, each behind its parent; of those of a store only its
// kind is named. Orphans are what hangs on nothing, but for one root.
func edges(spans []telemetrytest.Span) (found map[string]bool, orphans []string) {
	byID := map[string]telemetrytest.Span{}
	for _, span := range spans {
		byID[span.ID] = span
	}
	found, roots := map[string]bool{}, 0
	for _, span := range spans {
		parent, ok := byID[span.Parent]
		switch {
		case span.Parent == "":
			roots++
		case !ok:
			orphans = append(orphans, named(span))
		default:
			found[named(parent)+" > "+named(span)] = true
		}
	}
	if roots != 1 {
		orphans = append(orphans, fmt.Sprintf("%d roots", roots))
	}
	return found, orphans
}

func named(span telemetrytest.Span) string {
	name := span.Name
	for _, store := range []string{"redis", "sql"} {
		if strings.HasPrefix(name, store+" ") {
			name = store
		}
	}
	return strings.TrimPrefix(span.Process, "strongroom-") + " " + name
}
