package rig

import (
	"crypto"
	"crypto/tls"
	"encoding/json"
	"fmt"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TLSClientAuth registers a client that is named by its certificate (RFC 8705
// §2.1), by a DNS name of its own. Beside [DPoP] it stands second.
func TLSClientAuth(c *Client, m *metadata.Client) {
	name := fmt.Sprintf("c%x.client.example", oauth.NewID())
	c.Certificate = c.suite.Directory().Issue(Named(name))
	ByCertificate(c.Certificate, func(m *metadata.Client) { m.TLSClientAuthSANDNS = name })(c, m)
}

// ByCertificate registers a client of tls_client_auth that brings a given
// certificate, under the name that the change writes.
func ByCertificate(certificate *tls.Certificate, name func(*metadata.Client)) Option {
	return func(c *Client, m *metadata.Client) {
		c.Certificate = certificate
		m.TokenEndpointAuthMethod = oauth.AuthTLSClient
		name(m)
	}
}

// SelfSigned registers a client whose certificate is among its keys (RFC 8705
// §2.2). Beside [DPoP] it stands second.
func SelfSigned(c *Client, m *metadata.Client) { SelfSignedBy(newCertificate())(c, m) }

// SelfSignedBy is SelfSigned with a given certificate.
func SelfSignedBy(certificate *tls.Certificate) Option {
	return func(c *Client, m *metadata.Client) {
		c.Certificate = certificate
		m.TokenEndpointAuthMethod = oauth.AuthSelfSignedTLSClient
		key := Key{Signer: certificate.PrivateKey.(crypto.Signer)}.JWK()
		key["x5c"] = certificate.Certificate[:1] // RFC 8705 §2.2.2
		m.JWKS = must(json.Marshal(object{"keys": []object{key}}))
	}
}
