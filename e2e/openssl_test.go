//go:build e2e

package e2e

import (
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// openssl speaks TLS 1.2 to a listener as Go's client cannot. It answers what the
// program wrote; what is typed to it comes when the handshake is done.
func openssl(t *testing.T, s *rig.Suite, port layout.Port, typed string, arguments ...string) string {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("openssl is missing: tools/need installs it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	address := strings.TrimPrefix(s.Layout.URL(port), "https://")
	command := exec.CommandContext(ctx, program, append([]string{
		"s_client", "-connect", strings.Replace(address, "localhost", "127.0.0.1", 1), "-tls1_2", "-CAfile", s.Layout.File("ca.pem"), "-verify_return_error",
	}, arguments...)...)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output := &rig.Log{}
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for !done(output) && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond) // for the other program, which tells when
	}
	_, _ = io.WriteString(input, typed) // a program that has ended reads nothing
	if typed == "" {
		_ = input.Close()
	}
	_ = command.Wait() // it fails where the server refuses, which is what it writes
	return string(output.Bytes())
}

// done tells that the handshake is over, one way or the other.
func done(output *rig.Log) bool {
	text := string(output.Bytes())
	return strings.Contains(text, "Verify return code") || strings.Contains(text, "alert") || strings.Contains(text, "errno")
}

// TestHandshakeByOpenSSL: what Go's own client cannot try (BAD-192, NET-3, NET-6):
// finite-field Diffie-Hellman, and a second handshake within a connection.
func TestHandshakeByOpenSSL(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, port := range listeners {
			at := " at " + s.Layout.URL(port)
			t.Run("BAD-192 DHE"+at, func(t *testing.T) {
				said := openssl(t, s, port, "", "-cipher", "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305")
				if !strings.Contains(said, "alert handshake failure") {
					t.Errorf("openssl says %s", said)
				}
			})
			t.Run("BAD-192 CBC and static RSA"+at, func(t *testing.T) {
				said := openssl(t, s, port, "", "-cipher", "AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384")
				if !strings.Contains(said, "alert handshake failure") {
					t.Errorf("openssl says %s", said)
				}
			})
			t.Run("BAD-192 renegotiation"+at, func(t *testing.T) {
				said := openssl(t, s, port, "R\n")
				if !strings.Contains(said, "RENEGOTIATING") || !strings.Contains(said, "alert") {
					t.Errorf("openssl says %s", said)
				}
				if !strings.Contains(said, "Verify return code: 0") || !strings.Contains(said, "Compression: NONE") {
					t.Errorf("the first handshake was no good: %s", said)
				}
			})
		}
	})
}
