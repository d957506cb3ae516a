package authn

import (
	"errors"
	"slices"

	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// tlsClient is tls_client_auth, RFC 8705 §2.1: a certificate that a trusted
// authority issued to the name which the client has registered (MTLS-3).
func tlsClient(a Attempt, client *directory.Client) (Once, error) {
	if err := a.Certificate.Untrusted; err != nil {
		return Once{}, errUnproven.Because(err)
	}
	if !slices.ContainsFunc(client.Certificate, a.Certificate.Has) {
		return Once{}, errUnproven.Because(errors.New("certificate has another name than the client"))
	}
	return Once{}, nil
}
