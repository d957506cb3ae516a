//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
)

// TestRealProxies: a client behind a real nginx or HAProxy pushes its request and
// redeems its code by its certificate, and gets a token that is bound to it. What
// it writes into the headers itself reaches nobody (MTLS-7, THR-7, BAD-34).
func TestRealProxies(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, proxy := range []struct {
			form, configuration string
			program             rig.Program
		}{
			{"nginx", "testdata/nginx.conf", rig.Nginx},
			{"haproxy", "testdata/haproxy.cfg", rig.HAProxy},
			{"rfc9440", "testdata/haproxy-rfc9440.cfg", rig.HAProxy},
		} {
			t.Run(proxy.program.Name+" as "+proxy.form, func(t *testing.T) {
				configuration, err := os.ReadFile(proxy.configuration)
				if err != nil {
					t.Fatal(err)
				}
				through := rig.Through(s.StartProxy(t, proxy.program, proxy.form, string(configuration)))
				behindProxy(t, s, proxy.form, through)
			})
		}
	})
}

func behindProxy(t *testing.T, s *rig.Suite, form string, through rig.Change) {
	c, other := s.Client(t, rig.TLSClientAuth), s.Client(t, rig.TLSClientAuth)
	leaf := c.Certificate.Certificate[0]

	flow := c.Flow().Push(t, through)
	if flow.Approve(t, s.Browser(t)); flow.Code == "" {
		t.Fatal("the browser brought no code")
	}
	flow.Exchange(t, through)
	boundTo(t, flow.AccessToken, leaf)

	t.Run("a certificate that the client registered itself", func(t *testing.T) {
		own := s.Client(t, rig.Registered(func(m *metadata.Client) { m.CertificateBoundTokens = true }))
		answer := own.Send(t, own.Credentials(through)).Is(t, http.StatusOK)
		boundTo(t, answer.Text("access_token"), own.Certificate.Certificate[0]) // signed by nobody the proxy knows
	})
	for _, row := range []bad{
		{"BAD-2", "no certificate", rig.With(nil)},
		{"THR-7", "another client's certificate", rig.With(other.Certificate)},
		{"BAD-34", "no certificate, and the header of this proxy's form", rig.All(rig.With(nil), forwarded[form](leaf))},
		{"BAD-34", "another client's certificate, and the header", rig.All(rig.With(other.Certificate), forwarded[form](leaf))},
		{"BAD-34", "the header twice", rig.All(rig.With(nil), forwarded[form](leaf), twice)},
	} {
		t.Run(row.name(), func(t *testing.T) {
			c.Send(t, c.Credentials(through, row.change)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
	}
	for spoofed, write := range forwarded {
		t.Run("BAD-34 the header of "+spoofed, func(t *testing.T) {
			c.Send(t, c.Credentials(through, rig.With(nil), write(leaf))).Refused(t, http.StatusUnauthorized, invalidClient)
		})
	}
	t.Run("beside its own certificate a client's header changes nothing", func(t *testing.T) {
		answer := c.Send(t, c.Credentials(through, forwarded[form](other.Certificate.Certificate[0]))).Is(t, http.StatusOK)
		boundTo(t, answer.Text("access_token"), leaf)
	})
}
