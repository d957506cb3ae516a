package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	errParameters = errors.New("parameters")
	errReplay     = errors.New("replay")
)

// store keeps pushed requests and burnt ids.
type store struct{ redis *redis.Client }

// burn uses up an id, for as long as its bearer is valid at most.
func (s *store) burn(ctx context.Context, jti string) error {
	fresh, err := s.redis.SetNX(ctx, "jti:"+jti, "1", 5*time.Minute).Result()
	if err == nil && !fresh {
		err = errReplay
	}
	return err
}

// clientreg proves who the client is.
type clientreg struct {
	issuer string
	key    *ecdsa.PublicKey
	store  *store
}

// authenticate takes a client assertion and answers the client_id.
func (c clientreg) authenticate(ctx context.Context, assertion string) (string, error) {
	s, err := parse(assertion)
	if err != nil {
		return "", err
	}
	var claims struct {
		Iss, Sub, Aud, Jti string
		Exp                int64
	}
	if err := s.claims(c.key, &claims); err != nil {
		return "", err
	}
	now := time.Now().Unix()
	if claims.Iss != claims.Sub || claims.Aud != c.issuer || claims.Exp < now || claims.Exp > now+600 {
		return "", errJWS
	}
	return claims.Sub, c.store.burn(ctx, claims.Jti)
}

// par keeps authorization requests.
type par struct {
	authenticate call
	store        *store
}

// push takes a form and answers the JSON of RFC 9126 §2.2.
func (p par) push(ctx context.Context, body string) (string, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return "", err
	}
	client, err := p.authenticate(ctx, form.Get("client_assertion"))
	if err != nil {
		return "", err
	}
	if form.Get("client_id") != client || form.Get("response_type") != "code" || form.Get("code_challenge_method") != "S256" ||
		len(form.Get("code_challenge")) != 43 || form.Get("redirect_uri") == "" {
		return "", errParameters
	}
	form.Del("client_assertion")
	form.Del("client_assertion_type")
	request := make(map[string]string, len(form))
	for name, values := range form {
		request[name] = values[0]
	}
	record, _ := json.Marshal(request)
	id := random(32)
	if err := p.store.redis.Set(ctx, "par:"+id, record, time.Minute).Err(); err != nil {
		return "", err
	}
	return `{"request_uri":"urn:ietf:params:oauth:request_uri:` + id + `","expires_in":60}`, nil
}

// token issues client_credentials tokens.
type token struct {
	issuer             string
	authenticate, sign call
	store              *store
}

// exchange takes "constraint form" and answers a token bound to the constraint.
func (t token) exchange(ctx context.Context, in string) (string, error) {
	constraint, body, _ := strings.Cut(in, " ")
	form, err := url.ParseQuery(body)
	if err != nil {
		return "", err
	}
	client, err := t.authenticate(ctx, form.Get("client_assertion"))
	if err != nil {
		return "", err
	}
	kind, cnf, err := t.confirm(ctx, constraint)
	if err != nil || form.Get("grant_type") != "client_credentials" {
		return "", errors.Join(errParameters, err)
	}
	now := time.Now().Unix()
	claims, _ := json.Marshal(map[string]any{
		"iss": t.issuer, "sub": client, "client_id": client, "aud": "https://rs.example/", "scope": form.Get("scope"),
		"iat": now, "exp": now + 600, "jti": random(16), "cnf": cnf,
	})
	input := b64.EncodeToString([]byte(`{"alg":"ES256","kid":"s","typ":"at+jwt"}`)) + "." + b64.EncodeToString(claims)
	signature, err := t.sign(ctx, input)
	return `{"access_token":"` + input + "." + signature + `","token_type":"` + kind + `","expires_in":600}`, err
}

// confirm checks a DPoP proof (RFC 9449 §4.3), where the constraint is one, and
// answers the token's type and its cnf.
func (t token) confirm(ctx context.Context, constraint string) (string, map[string]string, error) {
	if constraint == "" {
		return "", nil, errParameters
	}
	if !strings.Contains(constraint, ".") {
		return "Bearer", map[string]string{"x5t#S256": constraint}, nil
	}
	proof, err := parse(constraint)
	if err != nil {
		return "", nil, err
	}
	key, thumbprint, err := proof.ownKey()
	if err != nil {
		return "", nil, err
	}
	var claims struct {
		Jti, Htm, Htu string
		Iat           int64
	}
	if err := proof.claims(key, &claims); err != nil {
		return "", nil, err
	}
	age := time.Now().Unix() - claims.Iat
	if proof.Header.Typ != "dpop+jwt" || claims.Htm != "POST" || claims.Htu != t.issuer+"/token" || age < -10 || age > 60 {
		return "", nil, errJWS
	}
	return "DPoP", map[string]string{"jkt": thumbprint}, t.store.burn(ctx, claims.Jti)
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b64.EncodeToString(b)
}
