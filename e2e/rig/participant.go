package rig

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/directory"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// Participant takes part in the sandbox's trust framework.
type Participant struct {
	OrgID       string `json:"org_id"`
	SoftwareID  string `json:"software_id"`
	Chain       string `json:"certificate"`
	Certificate *tls.Certificate
	RedirectURI string

	suite *Suite
}

// Participant enrols one, with the role accounts.
func (s *Suite) Participant(t testing.TB) *Participant {
	t.Helper()
	key := ES256Key().Signer
	csr := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key))
	p := &Participant{RedirectURI: "https://client.example/" + oauth.NewID(), suite: s}
	answer := s.Send(t, s.atDirectory("/participants", map[string]any{
		"org_name": "Org", "client_name": "Budget", "redirect_uris": []string{p.RedirectURI}, "roles": []string{"accounts"},
		"certificate_request": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})),
	})).Is(t, http.StatusCreated)
	if err := json.Unmarshal(answer.Body, p); err != nil {
		t.Fatal(err)
	}
	p.Certificate = &tls.Certificate{PrivateKey: key}
	for block, rest := pem.Decode([]byte(p.Chain)); block != nil; block, rest = pem.Decode(rest) {
		p.Certificate.Certificate = append(p.Certificate.Certificate, block.Bytes)
	}
	return p
}

func (s *Suite) atDirectory(path string, body any) *Request {
	r := post(s.Layout.URL(layout.Directory)+path, nil)
	return r.changed([]Change{Raw("application/json", string(must(json.Marshal(body))))})
}

// Statement gets one from the directory, as a participant does.
func (p *Participant) Statement(t testing.TB) string {
	t.Helper()
	token := post(p.suite.Layout.URL(layout.Directory)+"/token", url.Values{
		oauth.ParamGrantType: {oauth.GrantClientCredentials}, oauth.ParamClientID: {p.SoftwareID},
	})
	token.Certificate = p.Certificate
	bearer := p.suite.Send(t, token).Is(t, http.StatusOK).Text("access_token")
	r := Get(p.suite.Layout.URL(layout.Directory) + "/statement")
	r.Certificate = p.Certificate
	r.Header.Set("Authorization", "Bearer "+bearer)
	return string(p.suite.Send(t, r).Is(t, http.StatusOK).Body)
}

// Claims are those of a good statement of its own.
func (p *Participant) Claims() map[string]any {
	now := p.suite.Now().Unix()
	return object{
		"iss": p.suite.Layout.URL(layout.Directory), "iat": now, "exp": now + 300, "jti": oauth.NewID(),
		"org_id": p.OrgID, "software_id": p.SoftwareID, "software_client_name": "Budget",
		"software_redirect_uris": []string{p.RedirectURI}, "software_roles": []string{"accounts"},
	}
}

// Vouch signs any claims with the directory's own key, as only the directory can.
func (s *Suite) Vouch(t testing.TB, header, claims map[string]any, sign func(key *rsa.PrivateKey, input string) []byte) string {
	t.Helper()
	text := must(os.ReadFile(s.Layout.File("directory", directory.SigningKeyFile)))
	block, _ := pem.Decode(text)
	key := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(*rsa.PrivateKey)
	input := encode(must(json.Marshal(header))) + "." + encode(must(json.Marshal(claims)))
	return input + "." + encode(sign(key, input))
}

// ByPS256 and ByRS256 sign for Vouch.
func ByPS256(key *rsa.PrivateKey, input string) []byte {
	return must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest(input), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
}

// ByRS256 is PKCS #1 v1.5, which no FAPI 2.0 statement may use.
func ByRS256(key *rsa.PrivateKey, input string) []byte {
	return must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest(input)))
}

// Application asks to register with a statement over mutual TLS, without an
// initial access token.
func (p *Participant) Application(members map[string]any) *Request {
	return p.ApplicationAt(FAPI2, members)
}

// ApplicationAt asks another issuer.
func (p *Participant) ApplicationAt(issuer string, members map[string]any) *Request {
	r := post(p.suite.Metadata(issuer).MTLSEndpointAliases["registration_endpoint"], nil)
	r.Certificate = p.Certificate
	return r.changed([]Change{Raw("application/json", string(must(json.Marshal(members))))})
}

// SetStatus suspends the participant at the directory, or lets it in again.
func (p *Participant) SetStatus(t testing.TB, status string) {
	t.Helper()
	token := strings.TrimSpace(string(must(os.ReadFile(p.suite.Layout.File("directory-operator-token")))))
	r := p.suite.atDirectory("/participants/"+p.OrgID+"/status", object{"status": status})
	r.changed([]Change{Method(http.MethodPut), Header("Authorization", "Bearer "+token)})
	p.suite.Send(t, r).Is(t, http.StatusNoContent)
}
