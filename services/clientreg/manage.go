package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// errManagementCertificate is the answer to who has the token and not the
// certificate (BAD-167).
var errManagementCertificate = oauth.InvalidToken("the registration access token works with the client certificate of the software alone").By("DCR-5")

// management is what every request of RFC 7592 brings.
type management interface {
	GetBearerToken() string
	GetClientId() string
	GetCertificates() [][]byte
}

// managed is the client that may be managed so: its registration access token came
// and, where its trust framework says so, a certificate that agrees with its
// statement.
func (r *registry) managed(ctx context.Context, i *issuer.Issuer, req management) (store.Record, error) {
	record, err := r.registered(ctx, i.Name, req.GetClientId(), req.GetBearerToken())
	if err != nil || record.Framework == "" {
		return record, err
	}
	f, ok := i.Framework(record.Framework)
	if !ok || !f.ManagementCertificate {
		return record, nil
	}
	s, err := r.statements.Kept(ctx, i, record.Metadata.SoftwareStatement)
	if err != nil {
		return store.Record{}, err
	}
	if err := r.agrees(ctx, i, s, req.GetCertificates()); err != nil {
		return store.Record{}, errManagementCertificate.Because(err)
	}
	return record, nil
}
