package issuer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
)

// sound is an issuer without a fault, and with nothing that has a default.
func sound() Issuer {
	return Issuer{
		Name:           "bank",
		Identifier:     "https://as.example/bank",
		MTLSBase:       "https://mtls.as.example/bank",
		Profile:        "fapi2-security",
		InteractionURL: "https://bank.example/login",
		Resource:       "https://api.bank.example/",
		Scopes:         []Scope{{Name: "openid", Description: "Know who you are"}, {Name: "accounts"}},
	}
}

// TestValidate: each row spoils a sound issuer in one place and names what the
// error must say.
func TestValidate(t *testing.T) {
	for _, row := range []struct {
		name  string
		spoil func(*Issuer)
		want  string // in the error; empty where nothing is wrong
	}{
		{"sound", func(*Issuer) {}, ""},
		{"at the longest", func(i *Issuer) {
			i.Lifetimes = Lifetimes{RequestURI: 599 * time.Second, Code: time.Minute, AccessToken: 10 * time.Minute}
		}, ""},
		{"at the shortest", func(i *Issuer) {
			i.Lifetimes = Lifetimes{
				RequestURI: time.Second, Session: time.Second, Code: time.Second,
				AccessToken: time.Second, IDToken: time.Second, RefreshToken: time.Second,
			}
		}, ""},
		{"every algorithm", func(i *Issuer) {
			i.AccessTokenAlgorithm, i.IDTokenAlgorithms = jose.EdDSA, []jose.Algorithm{jose.PS256, jose.ES256, jose.EdDSA}
		}, ""},
		{"a port", func(i *Issuer) { i.Identifier = "https://as.example:8443/bank" }, ""},

		{"no name", func(i *Issuer) { i.Name = "" }, "name must be"},
		{"upper case in the name", func(i *Issuer) { i.Name, i.Identifier = "Bank", "https://as.example/Bank" }, "name must be"},
		{"a slash in the name", func(i *Issuer) { i.Name, i.Identifier = "a/b", "https://as.example/a/b" }, "name must be"},
		{"a brace in the name, which Redis would read", func(i *Issuer) { i.Name, i.Identifier = "a{b}", "https://as.example/a{b}" }, "name must be"},
		{"a dash before the name", func(i *Issuer) { i.Name, i.Identifier = "-a", "https://as.example/-a" }, "name must be"},
		{"a line break behind the name", func(i *Issuer) { i.Name = "bank\n" }, "name must be"},
		{"a name of 64 characters", func(i *Issuer) {
			i.Name = strings.Repeat("a", 64)
			i.Identifier = "https://as.example/" + i.Name
		}, "name must be"},

		{"no identifier", func(i *Issuer) { i.Identifier = "" }, "issuer must be an https URL"},
		{"identifier of another name", func(i *Issuer) { i.Identifier = "https://as.example/other" }, "must end in /bank"},
		{"identifier that only ends alike", func(i *Issuer) { i.Identifier = "https://as.example/other-bank" }, "must end in /bank"},
		{"identifier with a slash behind", func(i *Issuer) { i.Identifier = "https://as.example/bank/" }, "must end in /bank"},
		{"identifier over http", func(i *Issuer) { i.Identifier = "http://as.example/bank" }, "issuer must be an https URL"},
		{"identifier with a query", func(i *Issuer) { i.Identifier = "https://as.example/x?a=/bank" }, "issuer must be an https URL"},
		{"identifier with a question mark", func(i *Issuer) { i.Identifier = "https://as.example/bank?" }, "issuer must be an https URL"},
		{"identifier with a fragment", func(i *Issuer) { i.Identifier = "https://as.example/x#/bank" }, "issuer must be an https URL"},
		{"identifier with userinfo", func(i *Issuer) { i.Identifier = "https://u@as.example/bank" }, "issuer must be an https URL"},
		{"identifier without a host", func(i *Issuer) { i.Identifier = "https:///bank" }, "issuer must be an https URL"},
		{"identifier with a port alone", func(i *Issuer) { i.Identifier = "https://:443/bank" }, "issuer must be an https URL"},
		{"identifier that is no URL", func(i *Issuer) { i.Identifier = "https://as example/bank" }, "issuer must be an https URL"},
		{"mtls_base over http", func(i *Issuer) { i.MTLSBase = "http://mtls.as.example/bank" }, "mtls_base must be an https URL"},
		{"no mtls_base", func(i *Issuer) { i.MTLSBase = "" }, "mtls_base must be an https URL"},
		{"interaction_url with a query", func(i *Issuer) { i.InteractionURL += "?a=b" }, "interaction_url must be an https URL"},
		{"interaction_url with an empty fragment", func(i *Issuer) { i.InteractionURL += "#" }, "interaction_url must be an https URL"},
		{"no interaction_url", func(i *Issuer) { i.InteractionURL = "" }, "interaction_url must be an https URL"},
		{"no resource", func(i *Issuer) { i.Resource = "" }, "resource must be an https URL"},
		{"resource that is no URL", func(i *Issuer) { i.Resource = "accounts" }, "resource must be an https URL"},

		{"no scopes", func(i *Issuer) { i.Scopes = nil }, "scopes must not be empty"},
		{"an empty scope", func(i *Issuer) { i.Scopes = []Scope{{}} }, `scope "" is not a scope value`},
		{"two scopes in one", func(i *Issuer) { i.Scopes = []Scope{{Name: "a b"}} }, `scope "a b" is not a scope value`},
		{"a quote in a scope", func(i *Issuer) { i.Scopes = []Scope{{Name: `a"`}} }, "is not a scope value"},

		{"an unknown token format", func(i *Issuer) { i.AccessTokenFormat = "paseto" }, "access_token_format must be"},
		{"no profile", func(i *Issuer) { i.Profile = "" }, `profile "" is unknown`},
		{"an unknown profile", func(i *Issuer) { i.Profile = "fapi0" }, `profile "fapi0" is unknown`},

		// SP2-39: an issuer may narrow its profile and never relax it.
		{"a looser request_uri (SP2-39)", lifetimes(func(l *Lifetimes) { l.RequestURI = 600 * time.Second }), "lifetimes.request_uri must be between 1s and 9m59s"},
		{"a looser code (SP2-39)", lifetimes(func(l *Lifetimes) { l.Code = 61 * time.Second }), "lifetimes.code must be between 1s and 1m0s"},
		{"a looser access token (SP2-39)", lifetimes(func(l *Lifetimes) { l.AccessToken = time.Hour }), "lifetimes.access_token must be between 1s and 10m0s"},
		{"a looser access token algorithm (SP2-39)", func(i *Issuer) { i.AccessTokenAlgorithm = "RS256" }, `algorithm "RS256" is not one of profile`},
		{"a looser id_token algorithm (SP2-39)", func(i *Issuer) { i.IDTokenAlgorithms = []jose.Algorithm{jose.ES256, "none"} }, `algorithm "none" is not one of profile`},
		{"an algorithm by another case", func(i *Issuer) { i.AccessTokenAlgorithm = "es256" }, `algorithm "es256" is not one of profile`},

		{"revocation that is neither open nor closed", func(i *Issuer) { i.ClientCertificates.Revocation = "sometimes" }, `client_certificates: revocation must be off, fail_open or fail_closed, not "sometimes"`},
		{"subjects by a policy that nobody knows", func(i *Issuer) { i.ClientCertificates.DNPolicy = "x500" }, `client_certificates: dn_policy: names: unknown policy "x500", known are rfc4514, either-order, openfinance-brazil`},
		{"a request_uri that is dead at birth", lifetimes(func(l *Lifetimes) { l.RequestURI = -time.Minute }), "lifetimes.request_uri must be"},
		{"a code under a second", lifetimes(func(l *Lifetimes) { l.Code = time.Second - 1 }), "lifetimes.code must be"},
		{"a session that is dead at birth", lifetimes(func(l *Lifetimes) { l.Session = -time.Minute }), "lifetimes.session must be"},
		{"an id_token that is dead at birth", lifetimes(func(l *Lifetimes) { l.IDToken = time.Millisecond }), "lifetimes.id_token must be"},
		{"a refresh token that is dead at birth", lifetimes(func(l *Lifetimes) { l.RefreshToken = -time.Hour }), "lifetimes.refresh_token must be"},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := sound()
			row.spoil(&i)
			_, err := NewSet(i)
			switch {
			case row.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
				t.Errorf("the error is %v, want %q in it", err, row.want)
			}
		})
	}
}

func lifetimes(change func(*Lifetimes)) func(*Issuer) {
	return func(i *Issuer) { change(&i.Lifetimes) }
}

// TestValidateNamesEveryFault: a configuration is mended in one go.
func TestValidateNamesEveryFault(t *testing.T) {
	i := sound()
	i.Name, i.Scopes, i.Lifetimes.Code, i.AccessTokenAlgorithm = "Bank", nil, time.Hour, "RS256"
	_, err := NewSet(i)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{`issuer "Bank"`, "name must be", "must end in /Bank", "scopes must not be empty", "lifetimes.code", "RS256"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	set, err := NewSet(sound())
	if err != nil {
		t.Fatal(err)
	}
	i, ok := set.ByName("bank")
	if !ok {
		t.Fatal("the issuer is missing")
	}
	want := Lifetimes{
		RequestURI: time.Minute, Session: 10 * time.Minute, Code: time.Minute,
		AccessToken: 5 * time.Minute, IDToken: 5 * time.Minute, RefreshToken: 90 * 24 * time.Hour,
	}
	if i.Lifetimes != want {
		t.Errorf("lifetimes are %+v", i.Lifetimes)
	}
	if i.AccessTokenAlgorithm != jose.ES256 || !slices.Equal(i.IDTokenAlgorithms, []jose.Algorithm{jose.ES256, jose.PS256}) {
		t.Errorf("algorithms are %s and %v", i.AccessTokenAlgorithm, i.IDTokenAlgorithms)
	}
	if i.AccessTokenFormat != FormatJWT || i.DPoPNonces {
		t.Errorf("format %s, nonces %t", i.AccessTokenFormat, i.DPoPNonces)
	}
	if i.Rules() != profile.FAPI2Security {
		t.Errorf("the profile is %v", i.Rules())
	}
}

func TestWhatIsSetStays(t *testing.T) {
	given := sound()
	given.Lifetimes = Lifetimes{
		RequestURI: 2 * time.Second, Session: 3 * time.Second, Code: 4 * time.Second,
		AccessToken: 5 * time.Second, IDToken: 6 * time.Second, RefreshToken: 7 * time.Second,
	}
	given.AccessTokenAlgorithm, given.IDTokenAlgorithms = jose.PS256, []jose.Algorithm{jose.EdDSA}
	set, err := NewSet(given)
	if err != nil {
		t.Fatal(err)
	}
	i := set.All()[0]
	if i.Lifetimes != given.Lifetimes || i.AccessTokenAlgorithm != jose.PS256 || !slices.Equal(i.IDTokenAlgorithms, []jose.Algorithm{jose.EdDSA}) {
		t.Errorf("%+v", i)
	}
}

func TestAddresses(t *testing.T) {
	set, err := NewSet(sound())
	if err != nil {
		t.Fatal(err)
	}
	i := set.All()[0]
	if got := i.URL(Token); got != "https://as.example/bank/token" {
		t.Errorf("URL is %s", got)
	}
	if got := i.MTLSURL(Token); got != "https://mtls.as.example/bank/token" {
		t.Errorf("MTLSURL is %s", got)
	}
	if got := i.ScopeNames(); !slices.Equal(got, []string{"openid", "accounts"}) {
		t.Errorf("ScopeNames are %v", got)
	}
	if got := i.Facts().Scopes; !slices.Equal(got, i.ScopeNames()) {
		t.Errorf("the facts begin with %v", got)
	}
}
