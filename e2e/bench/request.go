package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// operation is what is measured.
type operation string

const (
	push      operation = "PAR"
	token     operation = "token, certificate"
	dpopToken operation = "token, DPoP"
	// fullFlow is PAR, login, consent, code, token and a call of the API.
	fullFlow operation = "full flow"
)

// proof is what the body of a success holds.
func (o operation) proof() []byte {
	if o == push {
		return []byte(`"request_uri"`)
	}
	return []byte(`"access_token"`)
}

// assertionLifetime outlives signing and sending.
const assertionLifetime = 300 * time.Second

// request is one call, signed and ready to be sent.
type request struct {
	body []byte
	dpop string
}

// signing makes requests of one operation at one endpoint.
type signing struct {
	client   *client
	op       operation
	issuer   string
	endpoint string
	ids      []string
	next     int    // of ids, so that all of them are used, round after round
	nonce    string // of DPoP proofs, where the server asks for one
}

// batch makes count requests, in turn for each client id. The server remembers
// every jti, so that none is ever sent twice.
func (s *signing) batch(count int) ([]request, error) {
	requests := make([]request, count)
	for i := range requests {
		var err error
		if requests[i], err = s.request(s.ids[s.next%len(s.ids)]); err != nil {
			return nil, err
		}
		s.next++
	}
	return requests, nil
}

func (s *signing) request(id string) (request, error) {
	now, form := time.Now(), url.Values{}
	if err := s.authenticate(form, id); err != nil {
		return request{}, err
	}
	if s.op == push {
		authorization(form)
		return request{body: []byte(form.Encode())}, nil
	}
	form.Set("grant_type", "client_credentials")
	form.Set("scope", "accounts")
	out := request{body: []byte(form.Encode())}
	if s.op != dpopToken {
		return out, nil
	}
	var err error
	out.dpop, err = s.proveKey(now)
	return out, err
}

// authenticate adds a client assertion (private_key_jwt).
func (s *signing) authenticate(form url.Values, id string) error {
	now := time.Now()
	assertion, err := s.sign("", map[string]any{
		"iss": id, "sub": id, "aud": s.issuer, "jti": oauth.NewID(),
		"iat": now.Unix(), "exp": now.Add(assertionLifetime).Unix(),
	})
	form.Set("client_id", id)
	form.Set("client_assertion", assertion)
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	return err
}

// authorization adds what an authorization request with PKCE holds.
func authorization(form url.Values) {
	var verifier [32]byte
	_, _ = rand.Read(verifier[:])
	challenge := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(verifier[:])))
	for name, value := range map[string]string{
		"response_type": "code", "redirect_uri": redirectURI, "scope": "openid accounts",
		"state": oauth.NewID(), "nonce": oauth.NewID(),
		"code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		form.Set(name, value)
	}
}

// proveKey is a DPoP proof (RFC 9449 §4.2).
func (s *signing) proveKey(now time.Time) (string, error) {
	claims := map[string]any{"jti": oauth.NewID(), "htm": "POST", "htu": s.endpoint, "iat": now.Unix()}
	if s.nonce != "" {
		claims["nonce"] = s.nonce
	}
	return s.sign("dpop+jwt", claims)
}

func (s *signing) sign(typ string, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	if typ != "" {
		return jose.SignProof(jose.ES256, typ, payload, s.client.key)
	}
	return jose.Sign(jose.ES256, keyID, "", payload, s.client.key)
}
