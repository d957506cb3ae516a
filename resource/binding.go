package resource

import (
	"errors"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// evidence is what the sender of a request showed beside the token.
type evidence struct {
	scheme string
	// certificate is the DER of the connection's client certificate; nil without.
	certificate []byte
	// proof is verified, but for its replay; nil under Bearer.
	proof *binding.Proof
}

// evidenceOf looks at the connection alone for a certificate. Headers that claim
// to bring one are anybody's to write (BAD-144), and are never read.
func evidenceOf(r *http.Request, scheme string, proof *binding.Proof) evidence {
	shown := evidence{scheme: scheme, proof: proof}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		shown.certificate = r.TLS.PeerCertificates[0].Raw
	}
	return shown
}

// confirmation is one way to be bound: a member of cnf, and whether the sender
// proved that the token is theirs.
type confirmation struct {
	names func(binding.Confirmation) bool
	held  func(binding.Confirmation, evidence) error
}

// confirmations are by member of cnf.
var confirmations = []confirmation{
	{ // x5t#S256, RFC 8705 §3
		names: func(c binding.Confirmation) bool { return c.CertificateThumbprint != "" },
		held:  heldByCertificate,
	},
	{ // jkt, RFC 9449 §6
		names: func(c binding.Confirmation) bool { return c.KeyThumbprint != "" },
		held:  heldByKey,
	},
}

// errScheme is the cause where a token comes under another scheme than its own:
// the challenge then names both.
var errScheme = errors.New("the scheme is not the one of cnf")

// checkBinding wants every member that cnf names proven, and at least one: FAPI
// 2.0 §5.3.4-5 takes sender-constrained tokens only (RS2-5). A token with a jkt
// goes under DPoP, any other under Bearer (DPOP-7: RFC 9449 §7.2).
func checkBinding(shown evidence, c binding.Confirmation) error {
	if c == (binding.Confirmation{}) {
		return oauth.InvalidToken("the access token is not sender-constrained").By("RS2-5")
	}
	if shown.scheme != c.Scheme() {
		return oauth.InvalidToken("the access token does not go with the scheme " + shown.scheme).By("DPOP-7").Because(errScheme)
	}
	for _, confirmation := range confirmations {
		if !confirmation.names(c) {
			continue
		}
		if err := confirmation.held(c, shown); err != nil {
			return err
		}
	}
	return nil
}

func heldByCertificate(c binding.Confirmation, shown evidence) error {
	if shown.certificate == nil {
		return oauth.InvalidToken("the access token is bound to a certificate and none was presented").By("MTLS-5")
	}
	if !c.HeldByCertificate(shown.certificate) {
		return oauth.InvalidToken("the access token is bound to another certificate").By("MTLS-5")
	}
	return nil
}

func heldByKey(c binding.Confirmation, shown evidence) error {
	if !c.HeldByKey(shown.proof) {
		return oauth.InvalidToken("the access token is bound to another DPoP key").By("RS2-5")
	}
	return nil
}
