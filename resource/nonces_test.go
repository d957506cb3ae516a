package resource

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
)

// TestNonceDemanded is DPOP-6 and BAD-140 at a resource: a proof without a
// recent nonce is asked to bring one, and nothing of it is burnt (DPOP-11).
func TestNonceDemanded(t *testing.T) {
	b := newDPoPBank(t, Offline, nil, demandsNonces)
	token := b.bound(map[string]any{"exp": b.clock.Now().Unix() + 3600})
	another := binding.NewNonces([]byte("key"), "authorization server")
	for name, nonce := range map[string]any{
		"BAD-140 absent": nil, "BAD-140 made up": "n-1", "empty": "",
		"BAD-140 stale":               serverNonces.Current(b.clock.Now().Add(-2 * binding.NoncePeriod)),
		"of the authorization server": another.Current(b.clock.Now()),
	} {
		t.Run(name, func(t *testing.T) {
			got := b.show(token, b.proof(token, map[string]any{"jti": "same", "nonce": nonce}))
			wantDPoP(t, got, 401, "use_dpop_nonce")
			wantNonce(t, got, serverNonces.Current(b.clock.Now()))
		})
	}
	t.Run("then with it, the same jti", func(t *testing.T) {
		got := b.show(token, b.proof(token, map[string]any{"jti": "same", "nonce": serverNonces.Current(b.clock.Now())}))
		wantDPoP(t, got, 200, "")
		wantNonce(t, got)
	})
	t.Run("a proof that is bad in itself gets none", func(t *testing.T) {
		got := b.show(token, b.proof(token, map[string]any{"htm": "POST"}))
		wantDPoP(t, got, 401, "invalid_dpop_proof")
		wantNonce(t, got)
	})
	t.Run("no proof gets none", func(t *testing.T) {
		got := b.get("/", dpopHeader(token))
		wantDPoP(t, got, 401, "invalid_dpop_proof")
		wantNonce(t, got)
	})
}

func wantNonce(t *testing.T, got reply, want ...string) {
	t.Helper()
	nonces := got.header.Values("DPoP-Nonce")
	if len(nonces) != len(want) || len(want) == 1 && nonces[0] != want[0] {
		t.Errorf("DPoP-Nonce is %q, want %q", nonces, want)
	}
}

// TestNonceRenewed is RFC 9449 §8.2: who used the nonce before the current one
// gets the current one with the answer, which is not to be cached.
func TestNonceRenewed(t *testing.T) {
	b := newDPoPBank(t, Offline, nil, demandsNonces)
	token := b.bound(map[string]any{"exp": b.clock.Now().Unix() + 3600})
	first := serverNonces.Current(b.clock.Now())
	b.clock.advance(binding.NoncePeriod)
	got := b.show(token, b.proof(token, map[string]any{"nonce": first}))
	wantDPoP(t, got, 200, "")
	fresh := serverNonces.Current(b.clock.Now())
	wantNonce(t, got, fresh)
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("an answer with a nonce may be cached: %v", got.header)
	}
	b.clock.advance(binding.NoncePeriod)
	wantDPoP(t, b.show(token, b.proof(token, map[string]any{"nonce": first})), 401, "use_dpop_nonce")
	got = b.show(token, b.proof(token, map[string]any{"nonce": fresh}))
	wantDPoP(t, got, 200, "")
}

// TestSendNonce is for those who call Verify themselves.
func TestSendNonce(t *testing.T) {
	b := newDPoPBank(t, Offline, nil, demandsNonces)
	token := b.bound(nil)
	first := serverNonces.Current(b.clock.Now())
	b.clock.advance(binding.NoncePeriod - time.Second)
	for _, want := range []string{"", serverNonces.Current(b.clock.Now().Add(time.Second))} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header = dpopHeader(token, b.proof(token, map[string]any{"nonce": first}))
		verified, err := b.verifier.Verify(request, "accounts")
		if err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		verified.SendNonce(recorder)
		if got := recorder.Header().Get("DPoP-Nonce"); got != want || (recorder.Header().Get("Cache-Control") == "no-store") != (want != "") {
			t.Errorf("headers are %v, want the nonce %q", recorder.Header(), want)
		}
		b.clock.advance(time.Second)
	}
}

// TestNoncesAreForProofs: a certificate-bound token needs none.
func TestNoncesAreForProofs(t *testing.T) {
	b := newDPoPBank(t, Offline, nil, demandsNonces)
	got := b.present(b.token(nil))
	wantReply(t, got, 200, "")
	wantNonce(t, got)
}
