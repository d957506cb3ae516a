//go:build e2e

package e2e

import (
	"crypto/tls"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// clientHost is where browsers find the client: a third site beside the server's
// and the bank's, as in real life.
const clientHost = "client.test"

// clientSite is a client's own page, which browsers return to.
type clientSite struct {
	redirect string
	calls    atomic.Int64
}

var arrived = template.Must(template.New("arrived").Parse(`<!doctype html><title>Budget</title><h1>Welcome back</h1><p id="arrived">{{.}}</p>`))

func newClientSite(t *testing.T, s *rig.Suite) *clientSite {
	t.Helper()
	site := &clientSite{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/cb" {
			http.NotFound(w, r) // browsers ask for icons
			return
		}
		site.calls.Add(1)
		_ = arrived.Execute(w, r.URL.RawQuery)
	}))
	certificates, err := s.Layout.CA.Server(nil) // pinned by the browser of the test
	if err != nil {
		t.Fatal(err)
	}
	server.TLS = &tls.Config{Certificates: certificates}
	server.StartTLS()
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	site.redirect = "https://" + clientHost + ":" + address.Port() + "/cb"
	return site
}
