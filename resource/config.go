package resource

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Config is what users write.
type Config struct {
	// Issuer is the issuer identifier of the authorization server, an https
	// URL, compared exactly. Required.
	Issuer string `yaml:"issuer"`
	// Resource is this API's identifier: tokens must have it in aud (RFC 8707
	// §2). An absolute URI without fragment. Required.
	Resource string `yaml:"resource"`
	// Mode is offline or current. Required: it decides how soon a revocation
	// is felt.
	Mode Mode `yaml:"mode"`
	// BaseURL is where clients call this API, an https URL: what stands before
	// the path that the handler sees. DPoP proofs name it (RFC 9449 §4.2), and
	// the Host header of a request is never believed instead. Default: none, and
	// DPoP is not taken.
	BaseURL string `yaml:"base_url"`
}

// Mode is how much of a token's life is known.
type Mode string

const (
	// Offline believes a JWT until it expires. No request leaves the API but
	// for the issuer's keys. Opaque tokens are refused.
	Offline Mode = "offline"
	// Current also introspects every token (RFC 7662), so that what was
	// revoked is refused within a second (RS2-3), and opaque tokens are taken.
	// While the issuer cannot be asked, nothing passes.
	Current Mode = "current"
)

// validate answers every fault at once.
func (c Config) validate(deps Deps) error {
	var faults []error
	if !plainHTTPS(c.Issuer) {
		faults = append(faults, fmt.Errorf("resource: issuer must be an https URL without query or fragment, not %q", c.Issuer))
	}
	if !quotableURI(c.Resource) {
		faults = append(faults, fmt.Errorf("resource: resource must be an absolute URI without fragment, not %q", c.Resource))
	}
	if c.BaseURL != "" && !plainHTTPS(c.BaseURL) {
		faults = append(faults, fmt.Errorf("resource: base_url must be an https URL without query or fragment, not %q", c.BaseURL))
	}
	if c.BaseURL == "" && (deps.Nonces != nil || deps.Replays != nil) {
		faults = append(faults, errors.New("resource: Deps.Nonces and Deps.Replays need base_url, without which DPoP is not taken"))
	}
	switch {
	case c.Mode != Offline && c.Mode != Current:
		faults = append(faults, fmt.Errorf("resource: mode must be %s or %s, not %q", Offline, Current, c.Mode))
	case c.Mode == Current && deps.Introspect == nil:
		faults = append(faults, errors.New("resource: mode current needs Deps.Introspect"))
	}
	if asks, ok := deps.Introspect.(*introspector); ok && asks.config.Issuer != c.Issuer {
		faults = append(faults, errors.New("resource: Deps.Introspect asks another issuer")) // RS2-6
	}
	return errors.Join(faults...)
}

func plainHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsAny(address, "?#")
}

// quotableURI also keeps out what would end the quoted string of a challenge.
func quotableURI(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && u.IsAbs() && !strings.ContainsAny(uri, "#\"\\ ")
}
