package binding

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Proof is a DPoP proof whose signature and claims were verified (RFC 9449
// §4.3). Whether it was used before, and whether its nonce is one of ours, is
// for who keeps such things to say.
type Proof struct {
	// KeyThumbprint is the RFC 7638 SHA-256 thumbprint of the proof's key.
	KeyThumbprint string
	// Nonce is the nonce claim; empty without one.
	Nonce string
	// ReplayID names this proof among all: it must never come twice (DPOP-4).
	ReplayID string
	// Issued is the proof's iat.
	Issued time.Time
	// Expires is when the proof is surely refused for its age, a second after its
	// last one, and need no longer be remembered by a clock like ours.
	Expires time.Time
}

// ProofTerms is what a proof must be about.
type ProofTerms struct {
	// Method is the HTTP method, exactly.
	Method string
	// URL is the configured URL of the endpoint that was called, never one made
	// of a Host header (DPOP-5).
	URL string
	// AccessToken is the token that comes with the proof; empty where none
	// does.
	AccessToken string
	Algorithms  []jose.Algorithm
	Now         time.Time
	// MaxAge is how old a proof may be.
	MaxAge time.Duration
	// Ahead is how far ahead of our clock it may have been made.
	Ahead time.Duration
}

// proofClaims are RFC 9449 §4.2. Unknown ones are ignored; exp and nbf are
// honoured where a client sets them.
type proofClaims struct {
	ID        string           `json:"jti"`
	Method    string           `json:"htm"`
	URL       string           `json:"htu"`
	IssuedAt  jose.NumericDate `json:"iat"`
	Expires   jose.NumericDate `json:"exp,omitzero"`
	NotBefore jose.NumericDate `json:"nbf,omitzero"`
	TokenHash string           `json:"ath"`
	Nonce     string           `json:"nonce"`
}

const (
	proofType = "dpop+jwt"
	// maxProofID bounds jti, in bytes (RFC 9449 §11.1 advises a bound).
	maxProofID = 256
)

// VerifyProof checks everything of RFC 9449 §4.3 that needs no memory. Its error
// is the refusal invalid_dpop_proof with the rule DPOP-4.
func VerifyProof(compact string, terms ProofTerms) (*Proof, error) {
	signed, err := jose.ParseProof(compact)
	if err != nil {
		return nil, refuse("the DPoP header is not one well-formed proof", err)
	}
	if !strings.EqualFold(signed.Header.Type, proofType) {
		return nil, refuse("typ must be dpop+jwt", nil)
	}
	var claims proofClaims
	if err := signed.Claims(&claims); err != nil {
		return nil, refuse("a claim is missing or of the wrong kind", err)
	}
	if fault := claims.fault(terms); fault != "" {
		return nil, refuse(fault, nil)
	}
	if err := signed.VerifyWithOwnKey(terms.Algorithms...); err != nil {
		return nil, refuse("alg is not allowed or the signature is not the key's", err)
	}
	thumbprint := signed.Header.Key.Thumbprint()
	return &Proof{
		KeyThumbprint: thumbprint,
		Nonce:         claims.Nonce,
		ReplayID:      oauth.Hash(thumbprint + "\x00" + claims.URL + "\x00" + claims.ID),
		Issued:        claims.IssuedAt.Time(),
		Expires:       claims.IssuedAt.Time().Add(terms.MaxAge + time.Second),
	}, nil
}

func refuse(description string, cause error) error {
	return oauth.New(oauth.CodeInvalidDPoPProof, description).By("DPOP-4").Because(cause)
}

// fault is what is wrong with the claims, or nothing.
func (c proofClaims) fault(terms ProofTerms) string {
	issued := c.IssuedAt.Time()
	switch {
	case c.ID == "" || len(c.ID) > maxProofID:
		return fmt.Sprintf("jti must have 1 to %d characters", maxProofID)
	case c.Method != terms.Method:
		return "htm must be " + terms.Method
	case !sameURL(c.URL, terms.URL):
		return "htu must be the URL of this endpoint"
	case !c.IssuedAt.Present() || issued.After(terms.Now.Add(terms.Ahead)) || issued.Before(terms.Now.Add(-terms.MaxAge)):
		return "iat is missing, too old or in the future"
	case c.Expires.Present() && !terms.Now.Before(c.Expires.Time().Add(terms.Ahead)):
		return "exp has passed"
	case c.NotBefore.Present() && c.NotBefore.Time().After(terms.Now.Add(terms.Ahead)):
		return "nbf is in the future"
	case terms.AccessToken != "" && !oauth.Equal(c.TokenHash, oauth.Hash(terms.AccessToken)):
		return "ath must be the hash of the access token"
	}
	return ""
}

// ErrNoProof says that a proof is required and none came. It never asks for a
// nonce: without a proof nothing could carry one.
var ErrNoProof = oauth.New(oauth.CodeInvalidDPoPProof, "a DPoP proof is required").By("DPOP-10")

// ErrReplayed says that a proof came before.
var ErrReplayed = oauth.New(oauth.CodeInvalidDPoPProof, "this DPoP proof was used before").By("DPOP-4").Because(errors.New("replayed"))

// ValidThumbprint tells whether a text can be a dpop_jkt (RFC 9449 §10).
func ValidThumbprint(text string) bool { return oauth.ValidCodeChallenge(text) }

// HeldByKey tells whether the holder of a DPoP key may use a token that is bound
// as c says.
func (c Confirmation) HeldByKey(proof *Proof) bool {
	return c.KeyThumbprint != "" && proof != nil && oauth.Equal(proof.KeyThumbprint, c.KeyThumbprint)
}

// Scheme is the token_type of a token that is bound as c says.
func (c Confirmation) Scheme() string {
	if c.KeyThumbprint != "" {
		return oauth.TokenTypeDPoP
	}
	return oauth.TokenTypeBearer
}
