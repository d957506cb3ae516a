package clientreg

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
)

// takeBackTimeout bounds how long a registration is taken back, in wall time.
const takeBackTimeout = time.Second

// takeBack removes a client whose registration is answered 503: nobody has its
// credentials, and where a software may register once (DCR-4) whoever comes again would
// be told that it has. The trail is told too, for it may be told of the client later.
func (r *registry) takeBack(ctx context.Context, i *issuer.Issuer, registered audit.Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBackTimeout)
	defer cancel()
	if _, err := r.clients.Remove(ctx, i.Name, registered.ClientID, r.announce(ctx, i.Name, registered.ClientID)); err != nil {
		r.log.ErrorContext(ctx, "client that nobody was told of stays", "issuer", i.Name, "client_id", registered.ClientID, "cause", err)
		return
	}
	r.log.InfoContext(ctx, "registration taken back", "issuer", i.Name, "client_id", registered.ClientID)
	registered.Kind = audit.ClientDeleted
	_ = r.audit.Record(ctx, registered)
}
