package rig

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// Client is a registered client of one test, with its keys.
type Client struct {
	// Name and Issuer are those of the issuer where it is registered.
	Name   string
	Issuer string
	ID     string
	Key    Key
	// Method is its token_endpoint_auth_method.
	Method string
	// Certificate is what its tokens are bound to, and what proves a client of the
	// two TLS methods.
	Certificate *tls.Certificate
	// DPoPKey, where not nil, is what they are bound to instead; DPoPNonce is what
	// the authorization server handed out for its proofs.
	DPoPKey   *Key
	DPoPNonce string
	// RedirectURI is the first that it registered.
	RedirectURI string
	// Registration is what the server answered.
	Registration metadata.Information

	suite *Suite
}

// Option is how a client differs from the usual one.
type Option func(*Client, *metadata.Client)

// At registers at another issuer.
func At(issuer string) Option { return func(c *Client, _ *metadata.Client) { c.Name = issuer } }

// Keyed signs with another key.
func Keyed(key Key) Option { return func(c *Client, _ *metadata.Client) { c.Key = key } }

// Registered asks for other metadata.
func Registered(change func(*metadata.Client)) Option {
	return func(_ *Client, m *metadata.Client) { change(m) }
}

// Redirecting registers other redirect URIs.
func Redirecting(uris ...string) Option {
	return Registered(func(m *metadata.Client) { m.RedirectURIs = uris })
}

// Client registers a client: ES256, private_key_jwt, tokens bound to a
// certificate, every grant type.
func (s *Suite) Client(t testing.TB, options ...Option) *Client {
	t.Helper()
	c, request := s.NewClient(t, options...)
	if err := c.Accept(s.Send(t, request).Is(t, http.StatusCreated)); err != nil {
		t.Fatal(err)
	}
	return c
}

// NewClient is a client that is not registered yet, and the request that does it:
// who sends it gives the answer to Accept.
func (s *Suite) NewClient(t testing.TB, options ...Option) (*Client, *Request) {
	t.Helper()
	c := &Client{Name: FAPI2, Key: ES256Key(), Certificate: newCertificate(), suite: s}
	m := metadata.Client{
		ClientName:              "Budget",
		RedirectURIs:            []string{"https://client.example/" + oauth.NewID()},
		TokenEndpointAuthMethod: oauth.AuthPrivateKeyJWT,
		GrantTypes:              []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
		ResponseTypes:           []string{oauth.ResponseTypeCode},
		CertificateBoundTokens:  true,
	}
	for _, option := range options {
		option(c, &m)
	}
	if c.Method = m.TokenEndpointAuthMethod; c.Method == oauth.AuthPrivateKeyJWT && m.JWKSURI == "" {
		m.JWKS = metadata.Document(JWKS(c.Key))
	}
	c.Issuer, c.RedirectURI = s.Issuer(c.Name), m.RedirectURIs[0]
	return c, s.RegistrationRequest(t, c.Name, m)
}

// Accept takes in what the server answered to a registration.
func (c *Client) Accept(answer *Response) error {
	err := json.Unmarshal(answer.Body, &c.Registration)
	c.ID = c.Registration.ClientID
	return err
}

// RegistrationRequest asks to register whatever metadata is (RFC 7591 §3.1).
func (s *Suite) RegistrationRequest(t testing.TB, issuer string, metadata any, changes ...Change) *Request {
	t.Helper()
	body, err := json.Marshal(metadata)
	if err != nil {
		t.Fatal(err)
	}
	token := s.secret(t, layout.InitialAccessToken)
	r := post(s.Metadata(issuer).RegistrationEndpoint, nil)
	return r.changed(append([]Change{
		Raw("application/json", string(body)), Header("Authorization", "Bearer "+token),
	}, changes...))
}

func (s *Suite) secret(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(s.Layout.File(file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// ResourceServer registers an API, which may introspect tokens for its resource.
func (s *Suite) ResourceServer(t testing.TB, issuer, resource string) *Client {
	t.Helper()
	c := &Client{Name: issuer, Issuer: s.Issuer(issuer), Key: ES256Key(), Method: oauth.AuthPrivateKeyJWT, suite: s}
	asked := metadata.Client{ClientName: "API", Resource: resource, JWKS: metadata.Document(JWKS(c.Key))}
	letIn := Header("Authorization", "Bearer "+s.secret(t, "resource-server-token"))
	answer := s.Send(t, s.RegistrationRequest(t, issuer, asked, letIn)).Is(t, http.StatusCreated)
	c.ID = answer.Text("client_id")
	return c
}

// Credentials asks for a token of the client's own (RFC 6749 §4.4): the shortest
// request that needs client authentication and can be repeated at will.
func (c *Client) Credentials(changes ...Change) *Request {
	return c.authenticated(c.mutual("token_endpoint"), url.Values{
		oauth.ParamGrantType: {oauth.GrantClientCredentials}, oauth.ParamScope: {"accounts"},
	}).changed(changes)
}

// Introspect asks about a token (RFC 7662 §2.1).
func (c *Client) Introspect(token string, changes ...Change) *Request {
	address := c.suite.Metadata(c.Name).IntrospectionEndpoint
	if c.Method != oauth.AuthPrivateKeyJWT {
		address = c.mutual("introspection_endpoint")
	}
	return c.authenticated(address, url.Values{oauth.ParamToken: {token}}).changed(changes)
}

// Revoke ends a token (RFC 7009 §2.1).
func (c *Client) Revoke(token string, changes ...Change) *Request {
	return c.authenticated(c.mutual("revocation_endpoint"), url.Values{oauth.ParamToken: {token}}).changed(changes)
}

// Refresh asks for a new access token (RFC 6749 §6).
func (c *Client) Refresh(token string, changes ...Change) *Request {
	return c.authenticated(c.mutual("token_endpoint"), url.Values{
		oauth.ParamGrantType: {oauth.GrantRefreshToken}, oauth.GrantRefreshToken: {token},
	}).changed(changes)
}

// Userinfo asks who the user is (OpenID Connect Core §5.3).
func (c *Client) Userinfo(token string, changes ...Change) *Request {
	r := Get(c.mutual("userinfo_endpoint"))
	r.Certificate = c.Certificate
	r.Header.Set("Authorization", "Bearer "+token)
	c.prove(r, token)
	return r.changed(changes)
}

// Accounts calls the bank's API.
func (c *Client) Accounts(token string, changes ...Change) *Request {
	r := Get(c.suite.Layout.URL(layout.BankAPI) + "/accounts")
	r.Certificate = c.Certificate
	r.Header.Set("Authorization", "Bearer "+token)
	c.prove(r, token)
	return r.changed(changes)
}

// mutual is an endpoint where the TLS connection may bring a certificate, for a
// client that has one.
func (c *Client) mutual(endpoint string) string {
	alias := c.suite.Metadata(c.Name).MTLSEndpointAliases[endpoint]
	if c.Certificate == nil {
		return c.unbound(alias)
	}
	return alias
}

// Send sends a request of this client.
func (c *Client) Send(t testing.TB, r *Request) *Response {
	t.Helper()
	return c.suite.Send(t, r)
}
