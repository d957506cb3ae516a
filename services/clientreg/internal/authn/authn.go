// Package authn is how a client proves itself: one file per method, one line per
// method in a table.
package authn

import (
	"errors"
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// Method is one way to prove a client.
type Method struct {
	// Verify tells whether what was presented proves the client, which is active
	// and registered for the method. What does not hold is refused with
	// invalid_client.
	Verify func(a Attempt, client *directory.Client) (Once, error)
	// ByCertificate tells that the proof is the certificate of the connection, and
	// not an assertion.
	ByCertificate bool
	// ByKeys tells that the client's keys are needed.
	ByKeys bool
}

// methods is every token_endpoint_auth_method that is served (SP2-6: FAPI 2.0
// §5.3.2.1-6).
var methods = map[string]Method{
	oauth.AuthPrivateKeyJWT:       {Verify: privateKeyJWT, ByKeys: true},
	oauth.AuthTLSClient:           {Verify: tlsClient, ByCertificate: true},
	oauth.AuthSelfSignedTLSClient: {Verify: selfSignedTLSClient, ByCertificate: true, ByKeys: true},
}

// Once is what a proof uses up: an id that is the client's own, and until when
// nobody may bring it again. The zero Once is a proof that may be brought again.
type Once struct {
	ID string
	// Issued is when the client made it, or the earliest that it may have been.
	Issued time.Time
	Until  time.Time
}

// Attempt is one try of a client to prove itself.
type Attempt struct {
	Presented *Presented
	Issuer    *issuer.Issuer
	Now       time.Time
	// Certificates are what the chain shows where it is what is presented, by each
	// trust store of the issuer.
	Certificates map[string]certificate.Evidence
}

// errUnproven is the one answer wherever it would tell something of the client:
// unknown, suspended, of another method, of another key (CA-1, THR-18). What
// differs is in the cause, for the log.
var errUnproven = oauth.InvalidClient("the client is unknown, or this is not its proof").By("CA-1")

// Verify checks everything that needs no store. A client that is not known, nil,
// takes as long as one whose signature is wrong.
func (a Attempt) Verify(client *directory.Client) (Once, error) {
	if err := a.misses(client); err != nil {
		a.Presented.verifyForNobody()
		return Once{}, errUnproven.Because(err)
	}
	return methods[client.Method].Verify(a, client)
}

// misses tells why what was presented cannot prove the client, whatever is in it.
func (a Attempt) misses(client *directory.Client) error {
	switch {
	case client == nil:
		return errors.New("client is unknown")
	case !client.Active:
		return errors.New("client is not active")
	}
	method, ok := methods[client.Method]
	if !ok || !slices.Contains(a.Issuer.AuthMethods(), client.Method) {
		return errors.New("client is registered for a method that is not served")
	}
	if method.ByCertificate != a.Presented.ByCertificate() {
		return errors.New("client is registered for another method") // BAD-37
	}
	return nil
}

// NeedsKeys tells whether [Attempt.Verify] will look at the client's keys.
func (a Attempt) NeedsKeys(client *directory.Client) bool {
	return a.misses(client) == nil && methods[client.Method].ByKeys
}

// MissesKey tells whether a refusal was for want of a key, so that newer keys may
// cure it.
func MissesKey(refusal error) bool { return errors.Is(refusal, jose.ErrKey) }
