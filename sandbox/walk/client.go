package walk

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/credential"
)

// Config is what a walk needs.
type Config struct {
	Credential *credential.File
	// Trust signs the servers' certificates.
	Trust *x509.CertPool
	// Binding is how tokens are tied to the client.
	Binding Binding
	// Certificate is the client's, for the binding by certificate.
	Certificate tls.Certificate
	// API is the base URL of the bank's API.
	API string
	// User logs in with a password that equals the name.
	User string
}

// client is the demo client in the middle of a flow.
type client struct {
	Config
	// plain brings no certificate and no proof.
	plain *http.Client
	bound binder

	metadata      map[string]any
	verifier      string
	state, nonce  string
	requestURI    string
	code          string
	accessToken   string
	refreshToken  string
	lastTokenForm url.Values
}

func newClient(cfg Config) (*client, error) {
	c := &client{Config: cfg, plain: newHTTP(cfg.Trust), verifier: oauth.NewSecret(), state: oauth.NewID(), nonce: oauth.NewID()}
	if cfg.Binding == MTLS {
		c.bound = certificateBinder{newHTTP(cfg.Trust, cfg.Certificate), cfg.Certificate.Certificate[0]}
		return c, nil
	}
	proofs, err := newProofBinder(c.plain)
	c.bound = proofs
	return c, err
}

// newHTTP trusts the sandbox's servers, and brings a certificate or none.
func newHTTP(trust *x509.CertPool, certificates ...tls.Certificate) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trust, Certificates: certificates},
	}}
}

// endpoint is an endpoint of the metadata; with a certificate its mTLS alias,
// where there is one (RFC 8705 §5).
func (c *client) endpoint(name string) string {
	if aliases, ok := c.metadata["mtls_endpoint_aliases"].(map[string]any); ok && c.bound.mutual() {
		if alias, ok := aliases[name].(string); ok {
			return alias
		}
	}
	address, _ := c.metadata[name].(string)
	return address
}

// assertionLifetime is how long a client assertion can be used.
const assertionLifetime = time.Minute

// authenticated is a form with a fresh client assertion: signed, for this issuer
// alone, usable once (private_key_jwt).
func (c *client) authenticated(form url.Values) (url.Values, error) {
	key := c.Credential.JWKS.Keys[0]
	signer, err := key.Signer()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iss": c.Credential.ClientID, "sub": c.Credential.ClientID, "aud": c.Credential.Issuer,
		"jti": oauth.NewID(), "iat": now.Unix(), "exp": now.Add(assertionLifetime).Unix(),
	})
	if err != nil {
		return nil, err
	}
	assertion, err := jose.Sign(jose.ES256, key.Kid, "client-authentication+jwt", claims, signer)
	if err != nil {
		return nil, err
	}
	form.Set(oauth.ParamClientID, c.Credential.ClientID)
	form.Set(oauth.ParamClientAssertionType, oauth.AssertionTypeJWTBearer)
	form.Set(oauth.ParamClientAssertion, assertion)
	return form, nil
}
