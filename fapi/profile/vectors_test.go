package profile

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// vector is one request to a rule. It begins as a sound one.
type vector struct {
	name string
	// want is the error code, or passes.
	want   string
	change func(*Facts)
}

// passes is the want of a vector that no rule refuses.
const passes = ""

// vectors are those of each stage, by "ID: Text" of the rule.
var vectors = map[Stage]map[string][]vector{
	Register: registerVectors,
	Push:     pushVectors,
	Begin:    beginVectors,
	Exchange: exchangeVectors,
}

func key(r Rule) string { return r.ID + ": " + r.Text }

// TestEveryRuleHasVectors: a rule that nothing breaks, or that nothing passes,
// was never seen to work.
func TestEveryRuleHasVectors(t *testing.T) {
	for _, p := range all {
		for _, rule := range p.Rules {
			of := vectors[rule.Stage][key(rule)]
			if !slices.ContainsFunc(of, func(v vector) bool { return v.want == passes }) {
				t.Errorf("%s: %s %q has no passing vector", p.Name, rule.Stage, key(rule))
			}
			if !slices.ContainsFunc(of, func(v vector) bool { return v.want != passes }) {
				t.Errorf("%s: %s %q has no failing vector", p.Name, rule.Stage, key(rule))
			}
		}
	}
}

// TestEveryVectorHasARule: a vector whose rule was reworded or removed would no
// longer say anything.
func TestEveryVectorHasARule(t *testing.T) {
	for stage, table := range vectors {
		for name := range table {
			if !slices.ContainsFunc(all, func(p *Profile) bool {
				return slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Stage == stage && key(r) == name })
			}) {
				t.Errorf("no profile has the rule %s %q", stage, name)
			}
		}
	}
}

// TestVectors runs every vector through every profile that has its rule: a
// passing one passes the whole stage, a failing one is refused by exactly that
// rule, with its error.
func TestVectors(t *testing.T) {
	for _, p := range all {
		for _, rule := range p.Rules {
			for _, v := range vectors[rule.Stage][key(rule)] {
				t.Run(p.Name+"/"+string(rule.Stage)+"/"+key(rule)+"/"+v.name, func(t *testing.T) {
					facts := sound(rule.Stage)
					if v.change != nil {
						v.change(&facts)
					}
					check(t, p, rule, facts, v.want)
				})
			}
		}
	}
}

func check(t *testing.T, p *Profile, rule Rule, facts Facts, want string) {
	t.Helper()
	err := p.Check(rule.Stage, facts)
	if want == passes {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	refusal, ok := oauth.AsError(err)
	if !ok {
		t.Fatalf("not refused: %v", err)
	}
	if refusal.Rule != rule.ID || refusal.Description != rule.Fail.Description {
		t.Errorf("refused by another rule: %v", refusal)
	}
	if refusal.Code != want {
		t.Errorf("the error is %s, want %s", refusal.Code, want)
	}
}

// TestSoundFactsPass: what vectors begin with breaks no rule of any profile.
func TestSoundFactsPass(t *testing.T) {
	for _, p := range all {
		for stage := range vectors {
			if err := p.Check(stage, sound(stage)); err != nil {
				t.Errorf("%s %s: %v", p.Name, stage, err)
			}
		}
	}
}

// registered is a client as rules see one.
type registered struct {
	redirectURIs, grantTypes, scopes []string
	dpop, certificate                bool
}

func (r *registered) GetRedirectUris() []string      { return r.redirectURIs }
func (r *registered) GetGrantTypes() []string        { return r.grantTypes }
func (r *registered) GetScopes() []string            { return r.scopes }
func (r *registered) GetDpopBoundAccessTokens() bool { return r.dpop }
func (r *registered) GetTlsClientCertificateBoundAccessTokens() bool {
	return r.certificate
}

// sound is a request of a stage that every rule lets pass.
func sound(stage Stage) Facts {
	facts := Facts{
		Scopes: []string{"openid", "accounts", "payments"},
		Client: &registered{
			redirectURIs: []string{"https://good.example/cb", "http://127.0.0.1/native"},
			grantTypes:   []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken},
			scopes:       []string{"openid", "accounts"},
		},
		Params: map[string]string{},
	}
	switch stage {
	case Register:
		facts.Metadata = metadata.Client{
			RedirectURIs:            []string{"https://good.example/cb"},
			TokenEndpointAuthMethod: oauth.AuthPrivateKeyJWT,
			JWKS:                    []byte(`{"keys":[]}`),
			GrantTypes:              []string{oauth.GrantAuthorizationCode},
			ResponseTypes:           []string{oauth.ResponseTypeCode},
			ApplicationType:         oauth.ApplicationWeb,
			Scope:                   "openid accounts",
		}
	case Push:
		facts.Params = map[string]string{
			"response_type":         "code",
			"client_id":             "client-1",
			"redirect_uri":          "https://good.example/cb",
			"scope":                 "openid accounts",
			"code_challenge":        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
			"code_challenge_method": "S256",
		}
	case Begin:
		facts.Params = map[string]string{"client_id": "client-1", "request_uri": oauth.RequestURIPrefix + "abc"}
	case Exchange:
		facts.Params = map[string]string{"grant_type": "authorization_code", "code": "abc"}
		facts.Certificate = true
	}
	return facts
}

// with sets a parameter.
func with(param, value string) func(*Facts) {
	return func(f *Facts) {
		f.Params = maps.Clone(f.Params)
		f.Params[param] = value
	}
}

func without(param string) func(*Facts) {
	return func(f *Facts) {
		f.Params = maps.Clone(f.Params)
		delete(f.Params, param)
	}
}

// both applies several changes.
func both(changes ...func(*Facts)) func(*Facts) {
	return func(f *Facts) {
		for _, change := range changes {
			change(f)
		}
	}
}

func ofClient(change func(*registered)) func(*Facts) {
	return func(f *Facts) { change(f.Client.(*registered)) }
}

func inMetadata(change func(*metadata.Client)) func(*Facts) {
	return func(f *Facts) { change(&f.Metadata) }
}

var long = strings.Repeat("x", 5000)
