package clientreg_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// change changes a client's row behind the services' back, as a replica would
// that runs elsewhere: a new generation, announced.
func (w *world) change(clientID, assignment string, value any) {
	w.t.Helper()
	_, err := w.db.ExecContext(w.context(), `UPDATE client SET generation = $1, `+assignment+` WHERE issuer = $2 AND client_id = $3`,
		2, w.here.Name, clientID, value)
	if err == nil {
		err = store.NewRedis(w.redis).Announce(w.context(), w.here.Name, clientID, 2)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (r *replica) getClient(clientID string) (*clientregv1.Client, error) {
	response, err := r.authorize.GetClient(r.context(), &clientregv1.GetClientRequest{Call: r.call(r.here, oauth.NewID()), ClientId: clientID})
	return response.GetClient(), err
}

// TestChangeHoldsAtNextUse: what one replica changed, another that remembers the
// client notices at once.
func TestChangeHoldsAtNextUse(t *testing.T) {
	newKeys := string(must(jose.NewKeySet(must(jose.NewKey(ecOther.Public(), "ec"))).MarshalJSON()))
	rotated := `{"token_endpoint_auth_method":"private_key_jwt","client_name":"new","jwks":` + newKeys + `}`
	weak := `{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"RSA","e":"AQAB","n":"` + b64(append([]byte{0x80}, append(make([]byte, 126), 1)...)) + `"}]}}`
	tests := []struct {
		name, assignment string
		value            any
		oldKey, newKey   bool // which may authenticate afterwards
		known            bool // whether GetClient answers it
	}{
		{"key rotated", `document = $4`, rotated, false, true, true},
		{"suspended", `active = $4`, false, false, false, false},
		{"deleted", `client_id = $4`, "gone-" + oauth.NewID(), false, false, false},
		{"BAD-18 RSA key of 1024 bits published", `document = $4`, weak, false, false, true},
		{"changed in what is no proof", `registration_token_hash = $4`, "other", true, false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				service, reader := w.replica(), w.replica()
				client := service.register()
				_, authenticating := service.authenticate(w.assertion(client.ClientID))
				_, getting := reader.getClient(client.ClientID)
				if err := errors.Join(authenticating, getting); err != nil {
					t.Fatal(err)
				}
				w.change(client.ClientID, test.assignment, test.value)
				_, err := service.authenticate(w.assertion(client.ClientID))
				wantAuthenticated(t, err, test.oldKey)
				_, err = service.authenticate(forge(object{"alg": "ES256", "kid": "ec"}, w.claims(client.ClientID), es256(ecOther)))
				wantAuthenticated(t, err, test.newKey)
				got, err := reader.getClient(client.ClientID)
				if wantAuthenticated(t, err, test.known); test.known && got.GetGeneration() != 2 {
					t.Errorf("generation is %d", got.GetGeneration())
				}
			})
		})
	}
}

func wantAuthenticated(t testing.TB, err error, want bool) {
	t.Helper()
	if want {
		if err != nil {
			t.Errorf("refused with %v", err)
		}
		return
	}
	wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
}

// TestNewKeyWorksAtOnce: the first thing that a replica hears of a rotation may
// be an assertion by the new key.
func TestNewKeyWorksAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		if _, err := service.authenticate(w.assertion(client.ClientID)); err != nil {
			t.Fatal(err)
		}
		newKeys := string(must(jose.NewKeySet(must(jose.NewKey(ecOther.Public(), "new"))).MarshalJSON()))
		w.change(client.ClientID, `document = $4`, `{"token_endpoint_auth_method":"private_key_jwt","jwks":`+newKeys+`}`)
		got, err := service.authenticate(forge(object{"alg": "ES256", "kid": "new"}, w.claims(client.ClientID), es256(ecOther)))
		if err != nil || got.GetGeneration() != 2 {
			t.Errorf("generation %d, %v", got.GetGeneration(), err)
		}
	})
}

// TestLostMark: a change whose mark Redis has lost is found when the mark is
// gone for all.
func TestLostMark(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		if _, err := service.authenticate(w.assertion(client.ClientID)); err != nil {
			t.Fatal(err)
		}
		w.change(client.ClientID, `active = $4`, false)
		w.forgetGeneration(client.ClientID)
		_, err := service.authenticate(w.assertion(client.ClientID))
		wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
	})
}

// TestStoreDown: nothing is let through by a store that cannot answer.
func TestStoreDown(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		eachWorld(t, func(t *testing.T, w *world) { refusesWithout(t, w, w.redis.Close) })
	})
	t.Run("sql", func(t *testing.T) {
		storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) {
			refusesWithout(t, newWorld(t, db, embeddedRedis(t)), db.Close)
		})
	})
}

// refusesWithout stops a store after a client was remembered and before its
// generation is marked.
func refusesWithout(t *testing.T, w *world, stop func() error) {
	service := w.replica()
	client := service.register()
	if _, err := service.authenticate(w.assertion(client.ClientID)); err != nil {
		t.Fatal(err)
	}
	w.forgetGeneration(client.ClientID)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	_, authenticating := service.authenticate(w.assertion(client.ClientID))
	_, getting := service.getClient(client.ClientID)
	_, badlySigned := service.authenticate(forge(object{"alg": "ES256"}, w.claims(client.ClientID), es256(ecOther)))
	for _, err := range []error{authenticating, getting, badlySigned} {
		wantRefusal(t, err, oauth.CodeTemporarilyUnavailable, "", 503)
	}
}

// forgetGeneration loses the mark of a client's generation.
func (w *world) forgetGeneration(clientID string) {
	w.t.Helper()
	if err := w.redis.Del(w.context(), "clientreg:{"+w.here.Name+"/"+clientID+"}:gen").Err(); err != nil {
		w.t.Fatal(err)
	}
}

func TestGetClient(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register(set("client_name", "Budget"), set("scope", "accounts openid"), set("id_token_signed_response_alg", "PS256"))
		for range 2 { // from the store, then from memory
			got, err := service.getClient(client.ClientID)
			if err != nil {
				t.Fatal(err)
			}
			if got.GetClientName() != "Budget" || len(got.GetScopes()) != 2 || got.GetIdTokenSignedResponseAlg() != "PS256" ||
				got.GetRedirectUris()[0] != "https://client.example/cb" || got.GetApplicationType() != "web" || got.GetResource() != "" {
				t.Errorf("client is %v", got)
			}
		}
		for name, id := range map[string]string{
			"unknown": oauth.ClientIDPrefix + oauth.NewID(), "empty": "", "no VSCHAR": "a\x00\xff", "257 bytes": text(257),
		} {
			t.Run(name, func(t *testing.T) {
				_, err := service.getClient(id)
				wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
			})
		}
		t.Run("BAD-38 at another issuer", func(t *testing.T) {
			_, err := service.token.GetClient(w.context(), &clientregv1.GetClientRequest{Call: w.call(w.elsewhere, oauth.NewID()), ClientId: client.ClientID})
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
	})
}
