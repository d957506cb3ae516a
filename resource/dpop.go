package resource

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// proofAge is how old a DPoP proof may be (DPOP-4; RFC 9449 §11.1 asks for
// seconds or minutes). How far ahead of our clock it may be is futureSkew.
const proofAge = 60 * time.Second

// proofAlgorithms are the algs of a challenge: those of algorithms.
const proofAlgorithms = "ES256 PS256 EdDSA"

// Nonces are the DPoP nonces of a resource server (RFC 9449 §9); replicas of an
// API share them. binding.NewNonces makes them from a key.
type Nonces interface {
	// Current is the nonce to hand out.
	Current(now time.Time) string
	// Accepts tells whether a nonce was handed out lately.
	Accepts(nonce string, now time.Time) bool
}

// dpop judges the proofs that come with tokens.
type dpop struct {
	baseURL string
	nonces  Nonces // nil where none are demanded
	replays Replays
	clock   Clock
}

func newDPoP(config Config, deps Deps) *dpop {
	return &dpop{
		baseURL: strings.TrimSuffix(config.BaseURL, "/"),
		nonces:  deps.Nonces,
		replays: deps.Replays,
		clock:   deps.Clock,
	}
}

// proof verifies the one proof of a request as far as it needs no memory, and
// its nonce; asking for a nonce burns nothing (DPOP-11). The URL is the
// configured one, never made of the Host header (DPOP-5).
func (d *dpop) proof(r *http.Request, token string) (*binding.Proof, error) {
	headers := r.Header.Values("DPoP")
	switch len(headers) {
	case 0:
		return nil, binding.ErrNoProof
	case 1:
	default: // BAD-130
		return nil, oauth.New(oauth.CodeInvalidDPoPProof, "more than one DPoP header").By("DPOP-1")
	}
	now := d.clock.Now()
	proof, err := binding.VerifyProof(headers[0], binding.ProofTerms{
		Method:      r.Method,
		URL:         d.baseURL + r.URL.EscapedPath(),
		AccessToken: token,
		Algorithms:  algorithms,
		Now:         now,
		MaxAge:      proofAge,
		Ahead:       futureSkew,
	})
	if err != nil {
		return nil, err
	}
	if d.nonces != nil && !d.nonces.Accepts(proof.Nonce, now) {
		return nil, binding.UseNonce(d.nonces.Current(now))
	}
	return proof, nil
}

// burn refuses a proof that came before (DPOP-4, BAD-139). A proof is remembered
// longer than it could pass, for replicas whose clocks are behind ours (BAD-199).
func (d *dpop) burn(ctx context.Context, proof *binding.Proof) error {
	first, err := d.replays.Burn(ctx, Use{ID: proof.ReplayID, Issued: proof.Issued, Until: proof.Expires.Add(clocksApart)})
	if err != nil {
		return oauth.Unavailable(retryAfter).By("DPOP-4").Because(err)
	}
	if !first {
		return binding.ErrReplayed
	}
	return nil
}

// nextNonce is the nonce to hand out with an answer: empty while the client has
// the current one.
func (d *dpop) nextNonce(proof *binding.Proof) string {
	if d.nonces == nil {
		return ""
	}
	if current := d.nonces.Current(d.clock.Now()); current != proof.Nonce {
		return current
	}
	return ""
}
