//go:build e2e

package pkcs11

import (
	"context"
	"database/sql"
	"encoding/base64"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// served is the keys service over one database.
type served struct {
	t       *testing.T
	set     *issuer.Set
	clock   *clock.Manual
	service *keys.Service
	conn    func(rpc.Name) keysv1.KeysServiceClient
}

func serve(t *testing.T, db *sql.DB, clk *clock.Manual, backendName string, native keys.Native) (*served, error) {
	t.Helper()
	set, err := issuer.NewSet(issuer.Issuer{
		Name: "bank", Identifier: "https://as.example/bank", MTLSBase: "https://mtls.as.example/bank", Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: "https://api.bank.example/", Scopes: []issuer.Scope{{Name: "accounts"}},
		AccessTokenAlgorithm: jose.PS256, IDTokenAlgorithms: []jose.Algorithm{jose.ES256},
	})
	if err != nil {
		t.Fatal(err)
	}
	service, err := keys.New(t.Context(), keys.Config{
		KeyEncryptionKey: secret.New(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))), Backend: backendName,
	}, keys.Deps{SQL: db, Clock: clk, Log: slog.New(slog.DiscardHandler), Issuers: set, Native: native})
	if err != nil {
		return nil, err
	}
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.Keys, set, slog.New(slog.DiscardHandler)))
	service.Register(server)
	return &served{t, set, clk, service, func(caller rpc.Name) keysv1.KeysServiceClient {
		return keysv1.NewKeysServiceClient(server.Conn(caller))
	}}, nil
}

func (s *served) scope() (context.Context, context.CancelFunc, rpc.Scope) {
	of, _ := s.set.ByName("bank")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	return ctx, cancel, rpc.NewScope(s.set, of, oauth.NewID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
}

func (s *served) sign() (string, error) {
	ctx, cancel, scope := s.scope()
	defer cancel()
	answer, err := s.conn(rpc.Token).Sign(ctx, &keysv1.SignRequest{
		Call: scope.Call(), Purpose: keysv1.Purpose_PURPOSE_ACCESS_TOKEN, Algorithm: "PS256", Payload: []byte(`{}`),
	})
	return answer.GetJws(), err
}

// signed is an access token, verified by what the service publishes; it answers the kid.
func (s *served) signed() string {
	s.t.Helper()
	jws, err := s.sign()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel, scope := s.scope()
	defer cancel()
	published, err := s.conn(rpc.Gateway).PublicKeys(ctx, &keysv1.PublicKeysRequest{Call: scope.Call()})
	if err != nil {
		s.t.Fatal(err)
	}
	set, err := jose.ParseKeySet(published.GetJwks())
	if err != nil {
		s.t.Fatal(err)
	}
	parsed, err := jose.Parse(jws)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := parsed.Verify(set, jose.PS256); err != nil {
		s.t.Fatal(err)
	}
	return parsed.Header.KeyID
}

// backends are those of the keys for access tokens, with their states.
func (s *served) backends() string {
	s.t.Helper()
	described, err := s.service.List(s.t.Context(), keys.Selection{Purpose: "access_token"})
	if err != nil {
		s.t.Fatal(err)
	}
	var found []string
	for _, d := range described {
		found = append(found, d.Backend+" "+string(d.State))
	}
	return strings.Join(found, ", ")
}

// TestMovingIntoADevice configures a device on top of software keys: each is followed by
// one in the device after the lead time, and until then nothing changes for anybody.
func TestMovingIntoADevice(t *testing.T) {
	token := open(t, makeToken(t, "moving"))
	native := keys.Native{Backends: []backend.Backend{token}}
	storetest.EachSQL(t, keys.Migrations, func(t *testing.T, db *sql.DB) {
		clk := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		before, err := serve(t, db, clk, "software", keys.Native{})
		if err != nil {
			t.Fatal(err)
		}
		kid := before.signed()
		s, err := serve(t, db, clk, Name, native)
		if err != nil {
			t.Fatal(err)
		}
		if s.signed() != kid {
			t.Error("another key signs at once")
		}
		tend(t, s)
		if got := s.backends(); got != "software active, pkcs11 next" {
			t.Errorf("backends are %s", got)
		}
		clk.Advance(time.Hour)
		inDevice := s.signed()
		if inDevice == kid {
			t.Error("the software key still signs after the lead time")
		}
		if err := s.service.Withdraw(t.Context(), "bank", inDevice, "test"); err != nil {
			t.Fatal(err)
		}
		if s.signed() == inDevice {
			t.Error("the withdrawn key still signs")
		}
		label := backend.Label{Issuer: "bank", KeyID: inDevice, Purpose: "access_token", Algorithm: jose.PS256}
		if _, err := token.Open(t.Context(), label, handleOf(label)); err == nil {
			t.Error("the withdrawn key is still in the device")
		}
		if _, err := serve(t, db, clk, "software", keys.Native{}); err == nil || !strings.Contains(err.Error(), "pkcs11") {
			t.Errorf("a program without the device started: %v", err)
		}
	})
}

func tend(t *testing.T, s *served) {
	t.Helper()
	if err := s.service.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestServiceWhileTheDeviceIsGone: signatures are refused with 503, no other key is taken,
// and they go on when it is back.
func TestServiceWhileTheDeviceIsGone(t *testing.T) {
	token := open(t, makeToken(t, "away"))
	native := keys.Native{Backends: []backend.Backend{token}}
	storetest.EachSQL(t, keys.Migrations, func(t *testing.T, db *sql.DB) {
		s, err := serve(t, db, clock.NewManual(time.Now()), Name, native)
		if err != nil {
			t.Fatal(err)
		}
		kid := s.signed()
		moveTokens("tokens", "away")(t, token)
		within(t, "is refused", func() bool {
			_, err := s.sign()
			refusal, ok := oauth.AsError(err)
			return ok && refusal.HTTPStatus() == 503 && refusal.RetryAfter > 0
		})
		if err := s.service.Tend(t.Context()); err != nil {
			t.Logf("meanwhile: %v", err)
		}
		moveTokens("away", "tokens")(t, token)
		within(t, "signs again", func() bool {
			_, err := s.sign()
			return err == nil
		})
		if s.signed() != kid {
			t.Error("another key was taken in its place")
		}
	})
}
