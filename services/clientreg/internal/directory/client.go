// Package directory keeps the clients in memory, ready for use, and notices when
// one has changed elsewhere.
package directory

import (
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// Client is a registered client with its keys parsed; immutable.
type Client struct {
	Issuer string
	// Public is what other services see. It must not be written to.
	Public *clientregv1.Client
	// Active is false while the client is suspended.
	Active bool
	// Method is the registered token_endpoint_auth_method.
	Method string
	// Algorithm is the registered token_endpoint_auth_signing_alg; "" if none.
	Algorithm jose.Algorithm
	// Keys are the client's own. Keys that were registered once but would be
	// refused today are none (BAD-18), and the client proves nothing with them.
	Keys *jose.KeySet
	// KeysURI is where the client publishes its keys instead; "" if it does not.
	KeysURI string
	// Certificate are the names that a client of tls_client_auth is known by, any of
	// them; none of other clients.
	Certificate []names.Name
	// TrustStore is the name of the store that its certificates are judged by.
	TrustStore string
}

// WithKeys is a copy that has these keys: those of KeysURI.
func (c *Client) WithKeys(keys *jose.KeySet) *Client {
	copied := *c
	copied.Keys = keys
	return &copied
}

// ID is the client_id.
func (c *Client) ID() string { return c.Public.GetClientId() }

// fromRecord parses what has been checked at registration.
func fromRecord(issuer, trustStore string, subjects names.Policy, record store.Record) *Client {
	m := record.Metadata
	client := &Client{Issuer: issuer, TrustStore: trustStore, Active: record.Serves(), Method: m.TokenEndpointAuthMethod, KeysURI: m.JWKSURI}
	for member, text := range m.CertificateNames() {
		client.Certificate, _ = subjects.Parse(names.Kind(member), text)
	}
	client.Keys, _ = jose.ParseKeySet(m.JWKS)
	client.Algorithm = jose.Algorithm(m.TokenEndpointAuthAlg)
	scopes, _ := oauth.ParseScope(m.Scope)
	client.Public = &clientregv1.Client{
		ClientId:                              record.ClientID,
		ClientName:                            m.ClientName,
		RedirectUris:                          m.RedirectURIs,
		GrantTypes:                            m.GrantTypes,
		ResponseTypes:                         m.ResponseTypes,
		Scopes:                                scopes,
		TokenEndpointAuthMethod:               m.TokenEndpointAuthMethod,
		IdTokenSignedResponseAlg:              m.IDTokenSignedAlg,
		TlsClientCertificateBoundAccessTokens: m.CertificateBoundTokens,
		DpopBoundAccessTokens:                 m.DPoPBoundTokens,
		ApplicationType:                       m.ApplicationType,
		Generation:                            record.Generation,
		Resource:                              m.Resource,
	}
	return client
}

// weight is what a client takes in memory, about, in bytes: its keys parsed are
// as large again as their JSON.
func weight(record store.Record) int {
	m := record.Metadata
	total := 2048 + 2*len(m.JWKS) + len(m.ClientName) + len(m.Scope)
	for _, uri := range m.RedirectURIs {
		total += len(uri) + 16
	}
	return total
}

// maxClientID bounds a client_id, in bytes; those made here have 29.
const maxClientID = 256

// ValidClientID tells whether a text can be a client_id: VSCHAR of RFC 6749
// appendix A.1. Nothing else is asked of a store.
func ValidClientID(id string) bool {
	for i := range len(id) {
		if id[i] < 0x20 || id[i] > 0x7e {
			return false
		}
	}
	return id != "" && len(id) <= maxClientID
}
