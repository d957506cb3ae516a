package e2e

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// forwarded writes a client's certificate as a proxy of each form does.
var forwarded = map[string]func(leaf []byte) rig.Change{
	"rfc9440": func(leaf []byte) rig.Change { return rig.Header("Client-Cert", ":"+base64Of(leaf)+":") },
	"envoy": func(leaf []byte) rig.Change {
		return rig.Header("X-Forwarded-Client-Cert", `Hash=00;Cert="`+escapedPEM(leaf)+`";Subject="CN=client"`)
	},
	"nginx":   func(leaf []byte) rig.Change { return rig.Header("X-SSL-Client-Cert", escapedPEM(leaf)) },
	"haproxy": func(leaf []byte) rig.Change { return rig.Header("X-SSL-Client-Cert", base64Of(leaf)) },
	"traefik": func(leaf []byte) rig.Change { return rig.Header("X-Forwarded-Tls-Client-Cert", base64Of(leaf)) },
	"aws-alb": func(leaf []byte) rig.Change { return rig.Header("X-Amzn-Mtls-Clientcert", escapedPEM(leaf)) },
}

func base64Of(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

func escapedPEM(der []byte) string {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return strings.ReplaceAll(url.QueryEscape(string(text)), "+", "%20")
}

// TestForwardedCertificate: a client that its proxy vouches for is the client, and
// its tokens are bound to its own certificate; anybody else's header counts for
// nothing (MTLS-7, THR-7, BAD-34), and a broken one is refused (BAD-35).
func TestForwardedCertificate(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c, stranger := s.Client(t, rig.TLSClientAuth), s.Client(t)
		leaf := c.Certificate.Certificate[0]
		for _, form := range rig.Edges {
			t.Run(form, func(t *testing.T) {
				edge, write := edgeCertificate(t, s, form), forwarded[form]
				answer := c.Send(t, c.Credentials(rig.With(edge), write(leaf))).Is(t, http.StatusOK)
				boundTo(t, answer.Text("access_token"), leaf)
				for _, row := range []struct {
					bad
					status int
				}{
					{bad{"MTLS-7", "the proxy sends no header: no certificate, and not its own", rig.With(edge)}, 401},
					{bad{"BAD-34", "the header on a direct connection without certificate", rig.All(rig.With(nil), write(leaf))}, 401},
					{bad{"BAD-34", "the header beside another client's certificate", rig.All(rig.With(stranger.Certificate), write(leaf))}, 401},
					{bad{"BAD-34", "the header at the public listener", rig.All(rig.With(nil), rig.To(s.Metadata(rig.FAPI2).TokenEndpoint), write(leaf))}, 401},
					{bad{"THR-7", "another client's certificate through the proxy", rig.All(rig.With(edge), write(stranger.Certificate.Certificate[0]))}, 401},
					{bad{"BAD-35", "two headers", rig.All(rig.With(edge), write(leaf), twice)}, 400},
					{bad{"BAD-35", "a certificate that lacks its last byte", rig.All(rig.With(edge), write(leaf[:len(leaf)-1]))}, 400},
					{bad{"BAD-35", "encoded twice too often", rig.All(rig.With(edge), write(leaf), escapedTwice)}, 400},
				} {
					t.Run(row.name(), func(t *testing.T) {
						want := map[int]string{400: oauth.CodeInvalidRequest, 401: invalidClient}[row.status]
						c.Send(t, c.Credentials(row.change)).Refused(t, row.status, want)
					})
				}
			})
		}
	})
}

func edgeCertificate(t *testing.T, s *rig.Suite, form string) *tls.Certificate {
	t.Helper()
	identity, err := s.Edge(form)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.LoadX509KeyPair(identity.Certificate, identity.Key)
	if err != nil {
		t.Fatal(err)
	}
	return &certificate
}

// certificateHeaders rewrites what names a certificate.
func certificateHeaders(r *rig.Request, rewrite func(values []string) []string) {
	for name, values := range r.Header {
		if strings.HasSuffix(strings.ToLower(name), "cert") {
			r.Header[name] = rewrite(values)
		}
	}
}

func twice(r *rig.Request) {
	certificateHeaders(r, func(values []string) []string { return append(values, values[0]) })
}

func escapedTwice(r *rig.Request) {
	certificateHeaders(r, func(values []string) []string { return []string{url.QueryEscape(url.QueryEscape(values[0]))} })
}

// boundTo checks cnf of a JWT access token (MTLS-5: RFC 8705 §3.1).
func boundTo(t *testing.T, token string, leaf []byte) {
	t.Helper()
	var claims struct {
		Confirmation map[string]string `json:"cnf"`
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token+"..", ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	if want := oauth.Hash(string(leaf)); claims.Confirmation["x5t#S256"] != want {
		t.Errorf("the token is bound to %v, want %s", claims.Confirmation, want)
	}
}
