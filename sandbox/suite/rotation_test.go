package suite_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	"github.com/strongroom-fapi/strongroom/resource"
	"github.com/strongroom-fapi/strongroom/services/keys"
)

const bankAPI = "https://api.bank.example/"

// rotating is two replicas of the keys service that rotate every hour, what they
// publish over HTTP, and a bank's API behind the resource kit, which keeps JWK sets as
// long as it is told.
type rotating struct {
	t        *testing.T
	clock    *clock.Manual
	set      *issuer.Set
	replicas [2]keysv1.KeysServiceClient
	edge     keysv1.KeysServiceClient
	verifier *resource.Verifier
	tend     []func(context.Context) error
	// minted and verified count; fetched is how often a JWK set was read.
	minted, verified, fetched atomic.Int32
	url                       string
	holder                    *x509.Certificate
}

func newRotating(t *testing.T) *rotating {
	t.Helper()
	r := &rotating{t: t, clock: clock.NewManual(time.Now()), holder: &x509.Certificate{Raw: []byte("certificate of the client")}}
	server := httptest.NewTLSServer(http.HandlerFunc(r.publish))
	t.Cleanup(server.Close)
	r.url = server.URL
	var err error
	r.set, err = issuer.NewSet(issuer.Issuer{
		Name: "bank", Identifier: r.url + "/bank", MTLSBase: r.url + "/bank", Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: bankAPI, Scopes: []issuer.Scope{{Name: "accounts"}},
		IDTokenAlgorithms: []jose.Algorithm{jose.ES256},
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlconn.Open(t.Context(), sqlconn.Config{DSN: secret.New("sqlite:" + t.TempDir() + "/keys.db")}, "keys", keys.Migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for n := range r.replicas {
		replica := r.replica(db)
		r.replicas[n] = keysv1.NewKeysServiceClient(replica.Conn(rpc.Token))
		r.edge = keysv1.NewKeysServiceClient(replica.Conn(rpc.Gateway))
	}
	r.verifier, err = resource.New(
		resource.Config{Issuer: r.url + "/bank", Resource: bankAPI, Mode: resource.Offline},
		resource.Deps{HTTP: server.Client(), Clock: r.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// replica runs one keys service until the test ends.
func (r *rotating) replica(db *sql.DB) *inproc.Server {
	r.t.Helper()
	service, err := keys.New(r.t.Context(), keys.Config{
		KeyEncryptionKey: secret.New(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))),
		Rotation:         keys.Rotation{Every: time.Hour, Lead: 10 * time.Minute, Retain: 15 * time.Minute},
	}, keys.Deps{SQL: db, Clock: r.clock, Log: slog.New(slog.DiscardHandler), Issuers: r.set})
	if err != nil {
		r.t.Fatal(err)
	}
	r.tend = append(r.tend, service.Tend)
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.Keys, r.set, slog.New(slog.DiscardHandler)))
	service.Register(server)
	return server
}

func (r *rotating) call() (*rpcv1.Call, context.Context, context.CancelFunc) {
	of, _ := r.set.ByName("bank")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	return rpc.NewScope(r.set, of, oauth.NewID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8").Call(), ctx, cancel
}

// publish is the metadata and the JWK set, with the gateway's own max-age.
func (r *rotating) publish(w http.ResponseWriter, request *http.Request) {
	w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d", int(metadata.JWKSMaxAge.Seconds())))
	if strings.HasSuffix(request.URL.Path, "/openid-configuration") {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": r.url + "/bank", "jwks_uri": r.url + "/bank/jwks"})
		return
	}
	r.fetched.Add(1)
	call, ctx, cancel := r.call()
	defer cancel()
	answer, err := r.edge.PublicKeys(ctx, &keysv1.PublicKeysRequest{Call: call})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write(answer.GetJwks())
}

// mint makes an access token by one of the replicas, and answers who signed it.
func (r *rotating) mint(replica int) (token, kid string) {
	r.t.Helper()
	now := r.clock.Now().Unix()
	claims, err := json.Marshal(map[string]any{
		"iss": r.url + "/bank", "aud": bankAPI, "sub": "alice", "client_id": "client-1", "jti": oauth.NewID(),
		"iat": now, "exp": now + 300, "scope": "accounts", "cnf": map[string]any{"x5t#S256": binding.Thumbprint(r.holder.Raw)},
	})
	if err != nil {
		r.t.Error(err)
	}
	call, ctx, cancel := r.call()
	defer cancel()
	signed, err := r.replicas[replica].Sign(ctx, &keysv1.SignRequest{Call: call, Purpose: keysv1.Purpose_PURPOSE_ACCESS_TOKEN, Algorithm: "ES256", Payload: claims})
	if err != nil {
		r.t.Errorf("not signed: %v", err)
		return "", ""
	}
	r.minted.Add(1)
	parsed, err := jose.Parse(signed.GetJws())
	if err != nil {
		r.t.Error(err)
		return "", ""
	}
	return signed.GetJws(), parsed.Header.KeyID
}

// verify checks a token as the bank's API does.
func (r *rotating) verify(token string) {
	request := httptest.NewRequest(http.MethodGet, bankAPI+"accounts", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	request.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{r.holder}}
	if _, err := r.verifier.Verify(request, "accounts"); err != nil {
		r.t.Errorf("at %s: not verified: %v", r.clock.Now().Format(time.TimeOnly), err)
		return
	}
	r.verified.Add(1)
}

// TestRotationUnderLoad is CRY-8: over five hours keys are rotated every hour, while two
// replicas mint and a bank verifies at once with the JWK set that it happens to have. A
// token is also verified at the end of its life, when its key may have retired. None is
// refused.
func TestRotationUnderLoad(t *testing.T) {
	r := newRotating(t)
	signers := sync.Map{}
	const hours, old = 5, 4 // a token lives for five minutes
	var minted [hours * 60][4]string
	for minute := range minted {
		var group sync.WaitGroup
		fresh := &minted[minute]
		for n := range fresh {
			group.Go(func() {
				token, kid := r.mint(n % 2)
				signers.Store(kid, true)
				fresh[n] = token
				r.verify(token)
			})
		}
		if minute >= old {
			for _, token := range minted[minute-old] {
				group.Go(func() { r.verify(token) })
			}
		}
		group.Go(func() { r.tendAll(minute) })
		group.Wait()
		r.clock.Advance(time.Minute)
		if t.Failed() {
			t.Fatalf("in minute %d", minute)
		}
	}
	kids := 0
	signers.Range(func(any, any) bool { kids++; return true })
	if kids < 5 {
		t.Errorf("only %d keys signed", kids)
	}
	if minted, verified := r.minted.Load(), r.verified.Load(); minted != hours*60*4 || verified < minted+(hours*60-old)*4 {
		t.Errorf("%d minted, %d verified", minted, verified)
	}
	if fetched := r.fetched.Load(); fetched > 90 {
		t.Errorf("the bank read the JWK set %d times in five hours", fetched)
	}
}

// tendAll lets the replicas do what they do at intervals, in either order.
func (r *rotating) tendAll(turn int) {
	for n := range r.tend {
		if err := r.tend[(n+turn)%len(r.tend)](context.Background()); err != nil {
			r.t.Error(err)
		}
	}
}
