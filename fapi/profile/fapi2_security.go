package profile

import (
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// FAPI2Security is the FAPI 2.0 Security Profile, Final (February 2025). Section
// numbers in its rules are that document's, where no other is named.
var FAPI2Security = &Profile{
	Name:   "fapi2-security",
	Title:  "FAPI 2.0 Security Profile",
	Source: "https://openid.net/specs/fapi-security-profile-2_0-final.html",
	Limits: Limits{
		RequestURILifetime:  599 * time.Second, // §5.3.2.2-11: less than 600 seconds
		CodeLifetime:        60 * time.Second,  // §5.3.2.1-11
		AccessTokenLifetime: 10 * time.Minute,  // ours: §6.1 advises short lives without a number
		AssertionLifetime:   10 * time.Minute,  // ours: RFC 7521 §5.2 lets a server limit it
		ClockTolerance:      30 * time.Second,  // §5.3.2.1-13: accept 10 s, refuse beyond 60 s
		ProofAge:            time.Minute,       // ours: RFC 9449 §11.1 asks for a short time
		NonceLength:         512,               // §5.3.2.2-13: at least 64 characters
		StateLength:         4096,              // §5.3.2.2 note 4: can exceed 1000 characters
	},
	AuthMethods:       []string{oauth.AuthPrivateKeyJWT, oauth.AuthTLSClient, oauth.AuthSelfSignedTLSClient},
	SigningAlgorithms: []jose.Algorithm{jose.PS256, jose.ES256, jose.EdDSA},
	ResponseTypes:     []string{oauth.ResponseTypeCode},
	ResponseModes:     []string{oauth.ResponseModeQuery},
	GrantTypes:        []string{oauth.GrantAuthorizationCode, oauth.GrantClientCredentials, oauth.GrantRefreshToken},
	Prompts:           []string{"none", "login", "consent", "select_account"},
	Rules:             slices.Concat(registerRules, pushRules, beginRules, exchangeRules),
}
