package e2e

import (
	"net/http"
	"slices"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// kind is one way of being a client: how it proves itself (SP2-6) and what its
// tokens are bound to (SP2-5). A table that is right for one is run for each.
type kind struct {
	name    string
	options []rig.Option
	// unbound leaves out what a token would be bound to; status and code are how
	// that is refused (SP2-4). Whose certificate is its name has no name then.
	unbound rig.Change
	status  int
	code    string
}

var kinds = []kind{
	{"private_key_jwt, certificate", nil, rig.With(nil), http.StatusBadRequest, oauth.CodeInvalidRequest},
	{"private_key_jwt, DPoP", []rig.Option{rig.DPoP}, rig.NoProof, http.StatusBadRequest, invalidProof},
	{"tls_client_auth, certificate", []rig.Option{rig.TLSClientAuth}, rig.With(nil), http.StatusUnauthorized, invalidClient},
	{"tls_client_auth, DPoP", []rig.Option{rig.DPoP, rig.TLSClientAuth}, rig.NoProof, http.StatusBadRequest, invalidProof},
	{"self_signed_tls_client_auth, certificate", []rig.Option{rig.SelfSigned}, rig.With(nil), http.StatusUnauthorized, invalidClient},
	{"self_signed_tls_client_auth, DPoP", []rig.Option{rig.DPoP, rig.SelfSigned}, rig.NoProof, http.StatusBadRequest, invalidProof},
}

// asserting are the kinds that prove themselves by an assertion.
var asserting = kinds[:2]

// proving are the kinds whose tokens are bound to a DPoP key.
var proving = []kind{kinds[1], kinds[3], kinds[5]}

// bearing are those whose tokens are bound to a certificate.
var bearing = []kind{kinds[0], kinds[2], kinds[4]}

// client registers one of the kind.
func (k kind) client(t *testing.T, s *rig.Suite, more ...rig.Option) *rig.Client {
	t.Helper()
	return s.Client(t, slices.Concat(k.options, more)...)
}

// eachKind runs a test for each kind of client.
func eachKind(t *testing.T, of []kind, test func(t *testing.T, k kind)) {
	t.Helper()
	for _, k := range of {
		t.Run(k.name, func(t *testing.T) { test(t, k) })
	}
}

// eachClient runs a test in every rendering for each kind of client.
func eachClient(t *testing.T, of []kind, test func(t *testing.T, s *rig.Suite, k kind)) {
	t.Helper()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		eachKind(t, of, func(t *testing.T, k kind) { test(t, s, k) })
	})
}
