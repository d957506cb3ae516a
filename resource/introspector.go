package resource

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Introspector asks the issuer whether a token stands (RFC 7662). An error
// means that there is no answer, and must not hold the token. It is called from
// many goroutines; the caller sees to time, caching and asking only once.
type Introspector interface {
	Introspect(ctx context.Context, token string) (*Introspection, error)
}

// Introspection is an introspection answer. Where Active is false, nothing else
// counts.
type Introspection struct {
	Active bool `json:"active"`
	// TokenType is Bearer or DPoP; an opaque token is not taken without.
	TokenType string `json:"token_type,omitempty"`
	Claims
}

// IntrospectorConfig is what users write.
type IntrospectorConfig struct {
	// Issuer is the issuer identifier, as in Config. Required.
	Issuer string `yaml:"issuer"`
	// ClientID is what the issuer calls this resource server. Required.
	ClientID string `yaml:"client_id"`
	// KeyID is the kid of the key, as in the JWKS that the issuer has of this
	// resource server. Default: none.
	KeyID string `yaml:"kid"`
	// UseMTLSAliases prefers the endpoint in mtls_endpoint_aliases (RFC 8705
	// §5). Set it where IntrospectorDeps.HTTP presents a client certificate.
	// Default: false.
	UseMTLSAliases bool `yaml:"use_mtls_endpoint_aliases"`
}

// IntrospectorDeps is what code passes to NewIntrospector.
type IntrospectorDeps struct {
	// Key signs client assertions: P-256, RSA of 2048 bits or more, or Ed25519;
	// it may live in an HSM. Required.
	Key crypto.Signer
	// HTTP, Clock and Log are as in Deps.
	HTTP  *http.Client
	Clock Clock
	Log   *slog.Logger
}

// NewIntrospector asks at the introspection_endpoint of the issuer's metadata
// and authenticates with private_key_jwt (OpenID Connect Core §9).
func NewIntrospector(config IntrospectorConfig, deps IntrospectorDeps) (Introspector, error) {
	if !plainHTTPS(config.Issuer) {
		return nil, fmt.Errorf("resource: issuer must be an https URL without query or fragment, not %q", config.Issuer)
	}
	if config.ClientID == "" || deps.Key == nil {
		return nil, errors.New("resource: introspection needs client_id and a key")
	}
	key, err := jose.NewKey(deps.Key.Public(), config.KeyID)
	if err != nil {
		return nil, fmt.Errorf("resource: key for introspection: %w", err)
	}
	defaults := Deps{HTTP: deps.HTTP, Clock: deps.Clock, Log: deps.Log}.withDefaults()
	return &introspector{
		config:    config,
		key:       deps.Key,
		algorithm: key.Algorithm(),
		issuer:    newIssuer(config.Issuer, defaults.HTTP, defaults.Clock, defaults.Log),
		clock:     defaults.Clock,
	}, nil
}

type introspector struct {
	config    IntrospectorConfig
	key       crypto.Signer
	algorithm jose.Algorithm
	issuer    *issuer
	clock     Clock
}

func (i *introspector) Introspect(ctx context.Context, token string) (*Introspection, error) {
	request, err := i.request(ctx, token)
	if err != nil {
		return nil, err
	}
	body, _, err := fetch(i.issuer.client, request)
	if err != nil {
		return nil, err
	}
	var answer Introspection
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, errors.New("resource: the introspection answer is not the JSON of RFC 7662")
	}
	return &answer, nil
}

func (i *introspector) request(ctx context.Context, token string) (*http.Request, error) {
	endpoint, err := i.endpoint(ctx)
	if err != nil {
		return nil, err
	}
	assertion, err := i.assertion()
	if err != nil {
		return nil, err
	}
	form := url.Values{
		oauth.ParamToken:               {token},
		"token_type_hint":              {"access_token"},
		oauth.ParamClientAssertionType: {oauth.AssertionTypeJWTBearer},
		oauth.ParamClientAssertion:     {assertion},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request, nil
}

func (i *introspector) endpoint(ctx context.Context) (string, error) {
	server, err := i.issuer.metadata.get(ctx)
	if err != nil {
		return "", err
	}
	if alias := server.value.MTLSEndpointAliases["introspection_endpoint"]; i.config.UseMTLSAliases && alias != "" {
		return alias, nil
	}
	if server.value.IntrospectionEndpoint == "" {
		return "", errors.New("resource: the issuer has no introspection_endpoint")
	}
	return server.value.IntrospectionEndpoint, nil
}

// assertionLife is short, for an assertion is used at once.
const assertionLife = time.Minute

// assertion is a client assertion for one request. Its aud is the issuer
// identifier alone, as a string (SP2-8: FAPI 2.0 §5.3.3.1).
func (i *introspector) assertion() (string, error) {
	now := i.clock.Now()
	payload, err := json.Marshal(struct {
		Issuer   string           `json:"iss"`
		Subject  string           `json:"sub"`
		Audience string           `json:"aud"`
		ID       string           `json:"jti"`
		IssuedAt jose.NumericDate `json:"iat"`
		Expires  jose.NumericDate `json:"exp"`
	}{
		i.config.ClientID, i.config.ClientID, i.config.Issuer, oauth.NewID(),
		jose.NumericDateOf(now), jose.NumericDateOf(now.Add(assertionLife)),
	})
	if err != nil {
		return "", err
	}
	return jose.Sign(i.algorithm, i.config.KeyID, "JWT", payload, i.key)
}
