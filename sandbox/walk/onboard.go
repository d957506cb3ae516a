package walk

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/credential"
)

// Onboarding is what a participant needs to become a client of an issuer.
type Onboarding struct {
	// Trust signs the servers' certificates.
	Trust *x509.CertPool
	// Directory is the base URL of the trust framework's directory.
	Directory string
	// Issuer is where the client is to be registered.
	Issuer string
	// Folder keeps the participant's credentials; who has none enrols.
	Folder string
	// RedirectURI of the client.
	RedirectURI string
	Binding     Binding
}

// joiner is a participant on its way.
type joiner struct {
	Onboarding
	member      *Member
	certificate tls.Certificate
	token       string
	statement   string
	client      *credential.File
}

// Onboard brings a participant from its credentials to a registered client, and
// tells each step. The certificate is the participant's.
func Onboard(ctx context.Context, cfg Onboarding, report Report) (*credential.File, tls.Certificate, error) {
	j := &joiner{Onboarding: cfg}
	for _, walk := range []func(context.Context, *Step) error{j.enrol, j.authenticate, j.obtain, j.register} {
		var step Step
		err := walk(ctx, &step)
		report(step)
		if err := errors.Join(err, step.failed()); err != nil {
			return nil, tls.Certificate{}, err
		}
	}
	return j.client, j.certificate, nil
}

// http brings the participant's certificate, once there is one.
func (j *joiner) http() *http.Client {
	if j.member == nil {
		return newHTTP(j.Trust)
	}
	return newHTTP(j.Trust, j.certificate)
}

func (j *joiner) enrol(ctx context.Context, s *Step) (err error) {
	s.Title, s.Why = "Enrol at the directory", "The trust framework gives an organisation and its software a name, and a certificate in that name."
	if j.member, j.certificate, err = loadMember(j.Folder); err != nil || j.member != nil {
		s.check(err == nil, "the participant has its credentials already")
		return err
	}
	key, request, err := newRequest()
	if err != nil {
		return err
	}
	a, err := s.sendJSON(ctx, j.http(), http.MethodPost, j.Directory+"/participants", map[string]any{
		"org_name": "Demo organisation", "client_name": "Demo client", "redirect_uris": []string{j.RedirectURI},
		"roles": []string{"accounts", "payments"}, "certificate_request": string(request),
	})
	if err != nil || !s.check(a.status == http.StatusCreated, "201 Created") {
		return err
	}
	member := Member{
		Directory: j.Directory, OrgID: a.text("org_id"), SoftwareID: a.text("software_id"),
		CertificateFile: "participant.pem", PrivateKeyFile: "participant-key.pem",
	}
	if err := member.save(j.Folder, []byte(a.text("certificate")), key); err != nil {
		return err
	}
	j.member, j.certificate, err = loadMember(j.Folder)
	return err
}

func (j *joiner) authenticate(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Get a token of the directory", "client_credentials by mutual TLS; the token is bound to the certificate."
	a, err := s.post(ctx, j.http(), j.Directory+"/token", url.Values{
		oauth.ParamGrantType: {oauth.GrantClientCredentials}, oauth.ParamClientID: {j.member.SoftwareID},
	})
	j.token = a.text("access_token")
	s.check(a.status == http.StatusOK && j.token != "", "200 OK: the directory knows the certificate")
	return err
}

func (j *joiner) obtain(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Get a software statement", "The directory says, signed, what the software is and may do."
	for _, row := range []struct {
		by     *http.Client
		status int
		says   string
	}{
		{newHTTP(j.Trust), http.StatusUnauthorized, "401 without the certificate: the token alone opens nothing"},
		{j.http(), http.StatusOK, "200 OK with it"},
	} {
		req, err := http.NewRequest(http.MethodGet, j.Directory+"/statement", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", oauth.TokenTypeBearer+" "+j.token)
		a, err := s.call(ctx, row.by, req, []string{line("Authorization", oauth.TokenTypeBearer+" "+j.token)})
		if err != nil {
			return err
		}
		s.check(a.status == row.status, "%s", row.says)
		j.statement = string(a.body)
	}
	return nil
}

func (j *joiner) register(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Register at the bank", "Dynamic client registration (RFC 7591): nobody types a client into a form. The statement's word beats the request's."
	discovered, err := s.get(ctx, j.http(), j.Issuer+"/.well-known/openid-configuration")
	if err != nil {
		return err
	}
	key, err := credential.NewPrivateKey()
	if err != nil {
		return err
	}
	set := credential.PrivateSet{Keys: []credential.PrivateKey{key}}
	public, err := set.Public()
	if err != nil {
		return err
	}
	aliases, _ := discovered.json["mtls_endpoint_aliases"].(map[string]any)
	endpoint, _ := aliases["registration_endpoint"].(string)
	a, err := s.sendJSON(ctx, j.http(), http.MethodPost, endpoint, map[string]any{
		"software_statement": j.statement, "jwks": public, "client_name": "Your bank", "fapi_compliant": true,
		"grant_types": []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
		"tls_client_certificate_bound_access_tokens": j.Binding == MTLS, "dpop_bound_access_tokens": j.Binding == DPoP,
	})
	if err != nil || !s.check(a.status == http.StatusCreated, "201 Created, without an initial access token") {
		return err
	}
	var information metadata.Information
	if err := json.Unmarshal(a.body, &information); err != nil {
		return err
	}
	s.check(information.SoftwareStatement == j.statement, "software_statement came back as it was")
	s.check(information.ClientName == "Demo client", "client_name is the statement's, not the one that was asked for")
	s.check(len(information.RedirectURIs) == 1 && information.RedirectURIs[0] == j.RedirectURI, "redirect_uris are the statement's")
	s.check(information.RequirePAR, "FAPI-compliant by one switch: requests will have to be pushed")
	j.client = &credential.File{
		Issuer: j.Issuer, ClientID: information.ClientID, TokenEndpointAuthMethod: information.TokenEndpointAuthMethod,
		RedirectURI: j.RedirectURI, JWKS: set,
		RegistrationAccessToken: information.RegistrationAccessToken, RegistrationClientURI: information.RegistrationClientURI,
	}
	return nil
}

// Leave ends a client that was registered for one walk (RFC 7592 §2.3).
func Leave(ctx context.Context, trust *x509.CertPool, client *credential.File, report Report) error {
	s := Step{Title: "Leave", Why: "The client ends its own registration (RFC 7592), and with it all that it holds."}
	req, err := http.NewRequest(http.MethodDelete, client.RegistrationClientURI, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", oauth.TokenTypeBearer+" "+client.RegistrationAccessToken)
	a, err := s.call(ctx, newHTTP(trust), req, []string{line("Authorization", oauth.TokenTypeBearer+" "+client.RegistrationAccessToken)})
	s.check(a.status == http.StatusNoContent, "204: it is gone")
	report(s)
	return errors.Join(err, s.failed())
}

// sendJSON sends an object, and writes it into the step.
func (s *Step) sendJSON(ctx context.Context, client *http.Client, method, target string, object map[string]any) (answer, error) {
	body, err := json.Marshal(object)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequest(method, target, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	return s.call(ctx, client, req, answer{json: asRead(body)}.lines())
}

func asRead(body []byte) (members map[string]any) {
	_ = json.Unmarshal(body, &members) // what was just written
	return members
}
