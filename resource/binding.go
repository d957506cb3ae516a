package resource

import (
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// proof is one way to be bound: a member of cnf, the scheme under which such a
// token is presented, and how the sender proves that the token is theirs.
type proof struct {
	names  func(binding.Confirmation) bool
	scheme string
	check  func(*http.Request, binding.Confirmation) error
}

// proofs are by member of cnf.
var proofs = []proof{
	{ // x5t#S256, RFC 8705 §3
		names:  func(c binding.Confirmation) bool { return c.CertificateThumbprint != "" },
		scheme: oauth.TokenTypeBearer,
		check:  heldByCertificate,
	},
	{ // jkt, RFC 9449 §6: known, so that such a token never passes by less
		names:  func(c binding.Confirmation) bool { return c.KeyThumbprint != "" },
		scheme: oauth.TokenTypeDPoP,
		check:  dpopNotTaken,
	},
}

// checkBinding wants the proof of every member that cnf names, and at least
// one: FAPI 2.0 §5.3.4-5 takes sender-constrained tokens only (RS2-5).
func checkBinding(r *http.Request, scheme string, confirmation binding.Confirmation) error {
	bound := false
	for _, proof := range proofs {
		if !proof.names(confirmation) {
			continue
		}
		bound = true
		if scheme != proof.scheme {
			return oauth.InvalidToken("the access token does not go with the scheme " + scheme).By("RS2-5")
		}
		if err := proof.check(r, confirmation); err != nil {
			return err
		}
	}
	if !bound {
		return oauth.InvalidToken("the access token is not sender-constrained").By("RS2-5")
	}
	return nil
}

// heldByCertificate looks at the connection alone. Headers that claim to bring
// a certificate are anybody's to write (BAD-144), and are never read.
func heldByCertificate(r *http.Request, confirmation binding.Confirmation) error {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return oauth.InvalidToken("the access token is bound to a certificate and none was presented").By("MTLS-5")
	}
	if !confirmation.HeldByCertificate(r.TLS.PeerCertificates[0].Raw) {
		return oauth.InvalidToken("the access token is bound to another certificate").By("MTLS-5")
	}
	return nil
}

func dpopNotTaken(*http.Request, binding.Confirmation) error {
	return oauth.InvalidToken("this resource takes certificate-bound access tokens only").By("RS2-5")
}
