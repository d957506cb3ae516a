// Package authn is how a client proves itself: one file per method, one line per
// method in a table.
package authn

import (
	"errors"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// Method verifies that what was presented proves the client. The client is
// active and registered for the method. What does not hold is refused with
// invalid_client.
type Method func(a Attempt, client *directory.Client) (Once, error)

// methods is every token_endpoint_auth_method that is served (SP2-6: FAPI 2.0
// §5.3.2.1-6).
var methods = map[string]Method{
	oauth.AuthPrivateKeyJWT: privateKeyJWT,
}

// Once is what a proof uses up: an id that is the client's own, and until when
// nobody may bring it again.
type Once struct {
	ID    string
	Until time.Time
}

// Attempt is one try of a client to prove itself.
type Attempt struct {
	Presented *Presented
	Issuer    *issuer.Issuer
	Now       time.Time
}

// errUnproven is the one answer wherever it would tell something of the client:
// unknown, suspended, of another method, of another key (CA-1, THR-18). What
// differs is in the cause, for the log.
var errUnproven = oauth.InvalidClient("the client is unknown, or this is not its proof").By("CA-1")

// Verify checks everything that needs no store. A client that is not known, nil,
// takes as long as one whose signature is wrong.
func (a Attempt) Verify(client *directory.Client) (Once, error) {
	if client == nil {
		a.Presented.verifyForNobody()
		return Once{}, errUnproven.Because(errors.New("client is unknown"))
	}
	if !client.Active {
		a.Presented.verifyForNobody()
		return Once{}, errUnproven.Because(errors.New("client is not active"))
	}
	method, served := methods[client.Method]
	if !served {
		return Once{}, errUnproven.Because(errors.New("client is registered for another method"))
	}
	return method(a, client)
}
