package network_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// TestOwnCertificateMustBeProvable: one that no other service would believe is a fault
// of the configuration, found at the start.
func TestOwnCertificateMustBeProvable(t *testing.T) {
	ca := networktest.NewCA(t)
	of := func(from, until time.Duration, usages ...x509.ExtKeyUsage) network.Identity {
		return ca.IdentityOf(t, &x509.Certificate{
			DNSNames: []string{"par"}, NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until), ExtKeyUsage: usages,
		})
	}
	foreign := of(-time.Hour, time.Hour, both...)
	foreign.CA = networktest.NewCA(t).File()
	for _, row := range []struct {
		name string
		with network.Identity
		good bool
	}{
		{"good", of(-time.Hour, time.Hour, both...), true},
		{"expired", of(-2*time.Hour, -time.Hour, both...), false},
		{"not yet good", of(time.Hour, 2*time.Hour, both...), false},
		{"for servers alone", of(-time.Hour, time.Hour, x509.ExtKeyUsageServerAuth), false},
		{"for clients alone", of(-time.Hour, time.Hour, x509.ExtKeyUsageClientAuth), false},
		{"of an authority that is not in tls.ca", foreign, false},
	} {
		if err := row.with.Is(rpc.PAR); (err == nil) != row.good {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
