package authn

import (
	"errors"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// tlsClient is tls_client_auth, RFC 8705 §2.1: a certificate that a trusted
// authority issued to the name which the client has registered (MTLS-3).
func tlsClient(a Attempt, client *directory.Client) (Once, error) {
	shown, ok := a.Certificates[client.TrustStore]
	if !ok {
		return Once{}, errUnproven.Because(errors.New("client is of a trust framework that is configured no longer"))
	}
	if err := shown.Untrusted; errors.Is(err, certificate.ErrUnsure) {
		return Once{}, oauth.Unavailable(fetch.RetryAfter).By("MTLS-3").Because(err)
	} else if err != nil {
		return Once{}, errUnproven.Because(err)
	}
	if !slices.ContainsFunc(client.Certificate, shown.Has) {
		return Once{}, errUnproven.Because(errors.New("certificate has another name than the client"))
	}
	return Once{}, nil
}
