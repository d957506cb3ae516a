package profile

import "github.com/strongroom-fapi/strongroom/fapi/oauth"

var exchangeVectors = map[string][]vector{
	"TOK-1: grant_type is present": {
		{"it is", passes, nil},
		{"it is missing", oauth.CodeInvalidRequest, without("grant_type")},
	},
	"SP2-2: grant_type is one that is served; password never is": {
		{"authorization_code", passes, nil},
		{"refresh_token", passes, with("grant_type", "refresh_token")},
		{"client_credentials", passes, both(with("grant_type", "client_credentials"),
			ofClient(func(c *registered) { c.grantTypes = []string{"client_credentials"} }))},
		{"password", oauth.CodeUnsupportedGrantType, with("grant_type", "password")},
		{"password, even of a client that has it", oauth.CodeUnsupportedGrantType, both(with("grant_type", "password"),
			ofClient(func(c *registered) { c.grantTypes = []string{"password"} }))},
		{"implicit", oauth.CodeUnsupportedGrantType, with("grant_type", "implicit")},
		{"token exchange (BAD-120)", oauth.CodeUnsupportedGrantType, with("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")},
		{"device code (BAD-120)", oauth.CodeUnsupportedGrantType, with("grant_type", "urn:ietf:params:oauth:grant-type:device_code")},
		{"by another case", oauth.CodeUnsupportedGrantType, with("grant_type", "Authorization_Code")},
	},
	"TOK-1: the client is registered for the grant type": {
		{"it is", passes, nil},
		{"for another one", oauth.CodeUnauthorizedClient, with("grant_type", "client_credentials")},
		{"for none", oauth.CodeUnauthorizedClient, ofClient(func(c *registered) { c.grantTypes = nil })},
	},
	"DPOP-10: a client registered for DPoP brings a proof": {
		{"a proof", passes, both(dpopClient, bring(false, true))},
		{"a proof and a certificate", passes, both(dpopClient, bring(true, true))},
		{"another client without", passes, bring(true, false)},
		{"only a certificate", oauth.CodeInvalidDPoPProof, both(dpopClient, bring(true, false))},
		{"nothing", oauth.CodeInvalidDPoPProof, both(dpopClient, bring(false, false))},
	},
	"MTLS-1: a client registered for certificate-bound tokens brings a certificate": {
		{"a certificate", passes, both(certificateClient, bring(true, false))},
		{"another client with a proof alone", passes, bring(false, true)},
		{"only a proof", oauth.CodeInvalidRequest, both(certificateClient, bring(false, true))},
		{"nothing", oauth.CodeInvalidRequest, both(certificateClient, bring(false, false))},
	},
	"SP2-4: the request brings a certificate or a DPoP proof to bind the token to": {
		{"a certificate", passes, bring(true, false)},
		{"a proof", passes, bring(false, true)},
		{"both", passes, bring(true, true)},
		{"neither (TOK-8)", oauth.CodeInvalidRequest, bring(false, false)},
	},
	"RES-1: resource is refused where it cannot be chosen": {
		{"none", passes, nil},
		{"one", oauth.CodeInvalidTarget, with("resource", "https://api.bank.example/")},
	},
	"RAR-1: authorization_details are refused where no type is served": {
		{"none", passes, nil},
		{"some", oauth.CodeInvalidAuthorizationDetails, with("authorization_details", `[{"type":"payment"}]`)},
		{"an empty list", oauth.CodeInvalidAuthorizationDetails, with("authorization_details", "[]")},
	},
}

func dpopClient(f *Facts) { f.Client.(*registered).dpop = true }

func certificateClient(f *Facts) { f.Client.(*registered).certificate = true }

func bring(certificate, proof bool) func(*Facts) {
	return func(f *Facts) { f.Certificate, f.Proof = certificate, proof }
}
