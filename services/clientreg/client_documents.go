package clientreg

import (
	"context"
	"errors"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
)

// fetchable judges addresses that clients of an issuer name.
func (r *registry) fetchable(i *issuer.Issuer) func(address string) error {
	return func(address string) error {
		if !i.PermitsHost(address) {
			return errElsewhere
		}
		return r.outside.Check(address)
	}
}

var errElsewhere = errors.New("the host is not one of the issuer's client_hosts")

// document gets what a client publishes, while it waits.
func (r *registry) document(ctx context.Context) func(address string) ([]byte, error) {
	return func(address string) ([]byte, error) {
		document, err := r.outside.Get(ctx, address)
		return document.Body, err
	}
}
