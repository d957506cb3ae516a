package directory

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

const (
	// tokenLife is how long a token of the directory lasts.
	tokenLife = 5 * time.Minute
	// maxTokens bounds those in memory; the oldest are dropped with a restart.
	maxTokens = 10_000
)

// token is what one of the directory's own access tokens opens. It is bound to the
// certificate of the connection it was asked over (RFC 8705 §3).
type token struct {
	softwareID, thumbprint string
	until                  time.Time
}

// tokens are in memory: who has lost one asks for another.
type tokens struct {
	mu   sync.Mutex
	byID map[string]token
}

func (t *tokens) issue(of token, now time.Time) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, known := range t.byID {
		if !now.Before(known.until) {
			delete(t.byID, id)
		}
	}
	if len(t.byID) >= maxTokens {
		return "", false
	}
	text := oauth.NewSecret()
	t.byID[oauth.Hash(text)] = of
	return text, true
}

func (t *tokens) find(text, thumbprint string, now time.Time) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, ok := t.byID[oauth.Hash(text)]
	return found, ok && now.Before(found.until) && oauth.Equal(found.thumbprint, thumbprint)
}

// exchange is the token endpoint: client_credentials (RFC 6749 §4.4) by the
// certificate that the directory issued (RFC 8705 §2).
func (d *Directory) exchange(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil || r.PostForm.Get(oauth.ParamGrantType) != oauth.GrantClientCredentials {
		refuse(w, http.StatusBadRequest, oauth.CodeUnsupportedGrantType, "grant_type must be client_credentials, in a form")
		return
	}
	p, ok := d.participants.bySoftware(r.PostForm.Get(oauth.ParamClientID))
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 || !ok ||
		!oauth.Equal(keyHash(r.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo), p.Key) {
		refuse(w, http.StatusUnauthorized, oauth.CodeInvalidClient, "client_id must be a software_id, and the certificate its own")
		return
	}
	now := d.clock.Now()
	text, ok := d.tokens.issue(token{p.SoftwareID, thumbprint(r), now.Add(tokenLife)}, now)
	if !ok {
		refuse(w, http.StatusServiceUnavailable, oauth.CodeTemporarilyUnavailable, "too many tokens are in use")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"access_token": text, "token_type": oauth.TokenTypeBearer, "expires_in": int(tokenLife.Seconds())})
}

func thumbprint(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	return binding.Thumbprint(r.TLS.PeerCertificates[0].Raw)
}

func bearer(r *http.Request) string {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, oauth.TokenTypeBearer) {
		return ""
	}
	return text
}
