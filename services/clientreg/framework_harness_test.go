package clientreg_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/asn1"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// The trust frameworks that the tests' issuer knows: one per style of ecosystem,
// from the examples beside package framework, with rsaKey for all of them.
const (
	brazil = "Open Banking Brasil sandbox SSA issuer"
	cdr    = "cdr-register"
	uk     = "OpenBanking Ltd"
	eu     = "https://directory.europe.example"
)

func gates(gates ...[]issuer.Credential) issuer.RegistrationPolicy {
	var policy issuer.RegistrationPolicy
	for _, require := range gates {
		policy.Gates = append(policy.Gates, issuer.Gate{Require: require})
	}
	return policy
}

// byStatement lets in who brings a statement, and by the usual token.
var byStatement = gates([]issuer.Credential{issuer.InitialAccessToken}, []issuer.Credential{issuer.Statement})

// frameworks reads the examples, with keys and authorities of the test.
func frameworks(t testing.TB) []framework.Framework {
	t.Helper()
	folder := t.TempDir()
	keys := must(jose.NewKeySet(must(jose.NewKey(rsaKey.Public(), "rsa"))).MarshalJSON())
	if err := os.WriteFile(filepath.Join(folder, "keys.json"), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	list := "trust_frameworks:\n"
	for _, file := range []string{"brazil.yaml", "cdr.yaml", "uk.yaml", "eidas.yaml"} {
		text := must(os.ReadFile(filepath.Join("..", "..", "fapi", "framework", "testdata", file)))
		list += "  -\n    " + strings.ReplaceAll(string(text), "\n", "\n    ") + "\n"
	}
	var found []framework.Framework
	for _, f := range must(issuer.Parse([]byte(list))).TrustFrameworks {
		f.JWKSURI, f.JWKSFile, f.Participants = "", "keys.json", nil
		if f.ClientCertificates.Authorities != "" {
			f.ClientCertificates.Authorities, f.ClientCertificates.Revocation = bankCA.file(t), trust.Off
		}
		found = append(found, f.In(folder))
	}
	return found
}

// withFrameworks is a world whose issuer takes statements.
func withFrameworks(t testing.TB, db *sql.DB, redis *redisconn.Client, policy issuer.RegistrationPolicy, changes ...func(*issuer.Issuer)) *world {
	t.Helper()
	w := newWorld(t, db, redis)
	i := newIssuer(storetest.Issuer())
	i.Scopes = append(i.Scopes, issuer.Scope{Name: "payments"})
	i.ClientCertificates.Authorities, i.ClientCertificates.Revocation = foreignCA.file(t), trust.Off
	i.TrustFrameworks, i.Registration = frameworks(t), policy
	for _, change := range changes {
		change(&i)
	}
	w.set = must(issuer.NewSet(i))
	w.here, _ = w.set.ByName(i.Name)
	return w
}

// eachFrameworkWorld runs a test on every pair of stores.
func eachFrameworkWorld(t *testing.T, policy issuer.RegistrationPolicy, test func(t *testing.T, w *world)) {
	storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) {
		storetest.EachRedis(t, func(t *testing.T, redis *redisconn.Client) { test(t, withFrameworks(t, db, redis, policy)) })
	})
}

// statementClaims of a good statement of each framework, but for the changes.
func (w *world) statementClaims(iss string, host *keyHost, changes ...func(object)) object {
	claims := object{
		"iss": iss, "iat": w.clock.Now().Unix(), "exp": w.clock.Now().Unix() + 300, "jti": oauth.NewID(),
		"software_id": "software-" + oauth.NewID(), "org_id": "org-1", "org_name": "Budget Inc",
	}
	uris := []string{"https://client.example/cb", "https://client.example/other"}
	switch iss {
	case brazil:
		claims["software_status"], claims["software_roles"] = "Active", []string{"DADOS"}
		claims["software_redirect_uris"], claims["software_jwks_uri"], claims["software_client_name"] = uris, host.URL+"/jwks", "Budget"
	case cdr:
		claims["redirect_uris"], claims["jwks_uri"], claims["scope"], claims["client_name"] = uris, host.URL+"/jwks", "openid accounts", "Budget"
	case eu:
		claims["redirect_uris"], claims["jwks_uri"], claims["org_id"] = uris, host.URL+"/jwks", "PSDXY-NCA-1"
	case uk:
		claims["org_status"], claims["software_roles"] = "Active", []string{"AISP", "CBPII"}
		claims["software_redirect_uris"], claims["software_jwks_endpoint"] = uris, host.URL+"/jwks"
	}
	for _, change := range changes {
		change(claims)
	}
	return claims
}

// vouch signs a statement as its framework does.
func vouch(claims object) string { return forge(object{"alg": "PS256", "kid": "rsa"}, claims, ps256) }

// application is one request to register with a statement, good but for its
// changes.
type application struct {
	claims object
	// statement signs the claims; nil leaves it out.
	statement func(object) string
	members   object
	// body makes a JWT of the members; nil sends JSON.
	body  func(object) string
	chain [][]byte
	token string
}

// application of the software that a statement of a framework names.
func (w *world) application(iss string, host *keyHost, changes ...func(*application)) application {
	a := application{claims: w.statementClaims(iss, host), statement: vouch, members: object{"redirect_uris": []string{"https://client.example/cb"}}}
	if iss == cdr || iss == uk {
		a.members["iss"], a.members["aud"], a.members["jti"] = a.claims["software_id"], w.here.Identifier, oauth.NewID()
		a.members["iat"], a.members["exp"] = w.clock.Now().Unix(), w.clock.Now().Unix()+300
		a.body = func(members object) string { return forge(object{"alg": "ES256", "kid": "ec"}, members, es256(ecKey)) }
	}
	a.chain = participant(a.claims)
	for _, change := range changes {
		change(&a)
	}
	return a
}

// participant is the certificate that a statement belongs to, as both Brazil and
// the UK write it.
func participant(claims object, changes ...template) [][]byte {
	return bankCA.issue(append([]template{func(c *x509.Certificate) {
		c.Subject = pkix.Name{OrganizationalUnit: []string{claims["org_id"].(string)}, ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, Value: claims["software_id"]},
			{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "OFBBR-" + claims["org_id"].(string)},
		}}
	}}, changes...)...)
}

func (a application) text() (metadata []byte, signed bool) {
	if a.statement != nil {
		a.members["software_statement"] = a.statement(a.claims)
	}
	if a.body != nil {
		return []byte(a.body(a.members)), true
	}
	return must(json.Marshal(a.members)), false
}

// apply registers.
func (r *replica) apply(a application) (registered, error) {
	text, signed := a.text()
	response, err := r.gateway.Register(r.context(), &clientregv1.RegisterRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: a.token, Metadata: text, Signed: signed, Certificates: a.chain,
	})
	if err != nil {
		return registered{}, err
	}
	client := registered{raw: string(response.GetInformation())}
	return client, json.Unmarshal(response.GetInformation(), &client.Information)
}

// Changes of an application.
func claim(name string, value any) func(*application) {
	return func(a *application) { a.claims[name] = value }
}

func noClaim(name string) func(*application) {
	return func(a *application) { delete(a.claims, name) }
}

func member(name string, value any) func(*application) {
	return func(a *application) { a.members[name] = value }
}

func signedBy(header object, sign signer) func(*application) {
	return func(a *application) { a.statement = func(claims object) string { return forge(header, claims, sign) } }
}

func (w *world) ago(d time.Duration) int64 { return w.clock.Now().Add(-d).Unix() }
