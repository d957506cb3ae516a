package token

import (
	"github.com/strongroom-fapi/strongroom/fapi/binding"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// bind is what ties a token to the sender of the request. A DPoP proof binds to
// its key (DPOP-7: RFC 9449 §6). The certificate of the connection binds where
// no proof came, or where the client is registered for it (MTLS-5: RFC 8705 §3);
// beside a proof it may be there for authentication alone. The profile made sure
// that there is one of the two.
func bind(client *clientregv1.Client, certificates [][]byte, proof *binding.Proof) binding.Confirmation {
	var confirmation binding.Confirmation
	if proof != nil {
		confirmation.KeyThumbprint = proof.KeyThumbprint
	}
	if len(certificates) > 0 && (proof == nil || client.GetTlsClientCertificateBoundAccessTokens()) {
		confirmation.CertificateThumbprint = binding.Thumbprint(certificates[0])
	}
	return confirmation
}
