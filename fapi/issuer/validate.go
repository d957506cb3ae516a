package issuer

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
)

func (i *Issuer) setDefaults() {
	i.ClientCertificates.SetDefaults()
	i.setRegistrationDefaults()
	if i.AccessTokenAlgorithm == "" {
		i.AccessTokenAlgorithm = jose.ES256
	}
	if len(i.IDTokenAlgorithms) == 0 {
		i.IDTokenAlgorithms = []jose.Algorithm{jose.ES256, jose.PS256}
	}
	if i.AccessTokenFormat == "" {
		i.AccessTokenFormat = FormatJWT
	}
	i.AccessTokenAlgorithm = canonical(i.AccessTokenAlgorithm)
	for _, list := range i.signingAlgorithms() {
		for n, algorithm := range list {
			list[n] = canonical(algorithm)
		}
	}
	for value, fallback := range map[*time.Duration]time.Duration{
		&i.Lifetimes.RequestURI:   time.Minute,
		&i.Lifetimes.Session:      10 * time.Minute,
		&i.Lifetimes.Code:         time.Minute,
		&i.Lifetimes.AccessToken:  5 * time.Minute,
		&i.Lifetimes.IDToken:      5 * time.Minute,
		&i.Lifetimes.RefreshToken: 90 * 24 * time.Hour,
	} {
		if *value == 0 {
			*value = fallback
		}
	}
}

// signingAlgorithms are the lists of the configuration.
func (i *Issuer) signingAlgorithms() map[string][]jose.Algorithm {
	return map[string][]jose.Algorithm{
		"id_token_algs": i.IDTokenAlgorithms, "jarm_algs": i.JARMAlgorithms,
		"userinfo_algs": i.UserinfoAlgorithms, "introspection_algs": i.IntrospectionAlgorithms,
	}
}

// canonical spells Ed25519, the newer name (RFC 9864), as we advertise it.
func canonical(algorithm jose.Algorithm) jose.Algorithm {
	if known, err := jose.ParseAlgorithm(string(algorithm)); err == nil {
		return known
	}
	return algorithm
}

var nameSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// validate answers every fault at once, so that a configuration is mended in
// one go.
func (i *Issuer) validate() error {
	var faults []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	refuse(!nameSyntax.MatchString(i.Name), "name must be lower-case letters, digits and dashes")
	refuse(!strings.HasSuffix(i.Identifier, "/"+i.Name), "issuer %q must end in /%s", i.Identifier, i.Name)
	for member, address := range map[string]string{
		"issuer": i.Identifier, "mtls_base": i.MTLSBase, "interaction_url": i.InteractionURL, "resource": i.Resource,
	} {
		refuse(!plainHTTPS(address), "%s must be an https URL without query or fragment, not %q", member, address)
	}
	refuse(i.AccessTokenFormat != FormatJWT && i.AccessTokenFormat != FormatOpaque, "access_token_format must be jwt or opaque, not %q", i.AccessTokenFormat)
	refuse(len(i.Scopes) == 0, "scopes must not be empty")
	for _, scope := range i.Scopes {
		_, ok := oauth.ParseScope(scope.Name)
		refuse(!ok || strings.Contains(scope.Name, " "), "scope %q is not a scope value", scope.Name)
	}
	for member, value := range map[string]time.Duration{
		"session": i.Lifetimes.Session, "id_token": i.Lifetimes.IDToken, "refresh_token": i.Lifetimes.RefreshToken,
	} {
		refuse(value < time.Second, "lifetimes.%s must be at least 1s, not %s", member, value)
	}
	if err := i.ClientCertificates.Validate(); err != nil {
		faults = append(faults, fmt.Errorf("client_certificates: %w", err))
	}
	p, err := profile.ByName(i.Profile)
	if err != nil {
		return errors.Join(append(faults, err)...)
	}
	i.profile = p
	faults = append(faults, i.withinProfile(p)...)
	faults = append(faults, i.validateRegistration(p)...)
	return errors.Join(faults...)
}

// withinProfile lists where the configuration would loosen its profile: SP2-39
// allows to narrow and never to relax.
func (i *Issuer) withinProfile(p *profile.Profile) []error {
	var faults []error
	for _, limit := range []struct {
		member      string
		value, most time.Duration
	}{
		{"request_uri", i.Lifetimes.RequestURI, p.Limits.RequestURILifetime},
		{"code", i.Lifetimes.Code, p.Limits.CodeLifetime},
		{"access_token", i.Lifetimes.AccessToken, p.Limits.AccessTokenLifetime},
	} {
		if limit.value < time.Second || limit.value > limit.most {
			faults = append(faults, fmt.Errorf("lifetimes.%s must be between 1s and %s, not %s", limit.member, limit.most, limit.value))
		}
	}
	lists := i.signingAlgorithms()
	lists["access_token_alg"] = []jose.Algorithm{i.AccessTokenAlgorithm}
	for member, list := range lists {
		for _, algorithm := range list {
			if !slices.Contains(p.SigningAlgorithms, algorithm) {
				faults = append(faults, fmt.Errorf("%s: algorithm %q is not one of profile %s", member, algorithm, p.Name))
			}
		}
	}
	for _, algorithm := range i.RequestObjectEncryptionAlgorithms {
		if _, err := jose.ParseKeyManagement(string(algorithm)); err != nil {
			faults = append(faults, fmt.Errorf("request_object_encryption_algs: %q: %w", algorithm, err))
		}
	}
	return faults
}

func plainHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && !strings.Contains(address, "#")
}
