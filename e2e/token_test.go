package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestCode: a code is worth something to the client that began, with the verifier
// that it alone knows (PKCE-1), and only bound to who asks (SP2-4). A refused attempt spends nothing: the one code serves every
// row, and is good in the end.
func TestCode(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f := k.client(t, s).Authorized(t)
		for _, row := range []refused{
			{"BAD-105", "no code_verifier", rig.Param("code_verifier"), oauth.CodeInvalidGrant},
			{"BAD-106", "another verifier", rig.Param("code_verifier", oauth.NewSecret()), oauth.CodeInvalidGrant},
			{"BAD-106", "the challenge for a verifier, as with method plain", rig.Param("code_verifier", oauth.Hash(f.Verifier)), oauth.CodeInvalidGrant},
			{"BAD-106", "a verifier of 42 characters", rig.Param("code_verifier", f.Verifier[:42]), oauth.CodeInvalidGrant},
			{"BAD-106", "a verifier of 129 characters", rig.Param("code_verifier", strings.Repeat("v", 129)), oauth.CodeInvalidGrant},
			{"BAD-106", "a verifier with characters that none has", rig.Param("code_verifier", "+/=é"+f.Verifier), oauth.CodeInvalidGrant},
			{"BAD-108", "another redirect_uri", rig.Param("redirect_uri", f.Redirect+"/other"), oauth.CodeInvalidGrant},
			{"BAD-108", "no redirect_uri, though the request had one", rig.Param("redirect_uri"), oauth.CodeInvalidGrant},
		} {
			t.Run(row.name(), func(t *testing.T) {
				f.Send(t, f.TokenRequest(row.change)).Refused(t, http.StatusBadRequest, row.code)
			})
		}
		t.Run("BAD-109 nothing to bind the token to", func(t *testing.T) {
			f.Send(t, f.TokenRequest(k.unbound)).Refused(t, k.status, k.code)
		})
		f.Exchange(t)
	})
}

// TestCodeOfAnotherClient: a stolen code is worth nothing to a thief who is a
// client too, and the theft costs its owner nothing.
func TestCodeOfAnotherClient(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		owner := k.client(t, s, rig.Redirecting("https://client.example/shared"))
		thief := k.client(t, s, rig.Redirecting("https://client.example/shared"))
		f := owner.Authorized(t)
		stolen := *f
		stolen.Client = thief
		t.Run("BAD-103 by another client, with all that belongs to it", func(t *testing.T) {
			thief.Send(t, stolen.TokenRequest()).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
		})
		t.Run("BAD-104 the thief's client_id with the owner's proof", func(t *testing.T) {
			owner.Send(t, f.TokenRequest(rig.Param("client_id", thief.ID))).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-104 the owner's client_id with the thief's proof", func(t *testing.T) {
			thief.Send(t, stolen.TokenRequest(rig.Param("client_id", owner.ID))).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-103 the owner still can redeem it", func(t *testing.T) { f.Exchange(t) })
	})
}
