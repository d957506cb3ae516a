package token

import (
	"github.com/strongroom-fapi/strongroom/fapi/binding"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// bind is what ties a token to the sender of the request: the certificate of the
// TLS connection (MTLS-5: RFC 8705 §3.1). The profile made sure there is one.
func bind(form *rpcv1.Form) binding.Confirmation {
	return binding.Confirmation{CertificateThumbprint: binding.Thumbprint(form.GetCredentials().GetCertificates()[0])}
}
