//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestExplainCertificate is the command by which an operator learns what the gateway
// makes of a request: with the configuration of the running one.
func TestExplainCertificate(t *testing.T) {
	t.Parallel()
	s := processes.suite(t)
	edge, err := s.Edge("nginx")
	if err != nil {
		t.Fatal(err)
	}
	leaf := s.Client(t, rig.TLSClientAuth).Certificate.Certificate[0]
	good, broken := rig.Get("https://as.example/"), rig.Get("https://as.example/")
	forwarded["nginx"](leaf)(good)
	forwarded["nginx"](leaf[:len(leaf)-1])(broken)
	for _, row := range []struct {
		name, peer string
		request    *rig.Request
		refused    bool
		want       string
	}{
		{"from the proxy", edge.Certificate, good, false, "nginx"},
		{"from the proxy, broken (BAD-35)", edge.Certificate, broken, true, "MTLS-7"},
		{"from nobody that is configured (BAD-34)", "", good, false, "X-Ssl-Client-Cert"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var saved strings.Builder
			if err := row.request.Header.Write(&saved); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "request")
			if err := os.WriteFile(file, []byte(saved.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			options := []string{"--peer", "127.0.0.1"}
			if row.peer != "" {
				options = append(options, "--peer-certificate", row.peer)
			}
			said, err := s.Operate(t.Context(), "strongroom-gateway", "explain-certificate", "gateway", append(options, file)...)
			if (err != nil) != row.refused || !strings.Contains(said, row.want) {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
}
