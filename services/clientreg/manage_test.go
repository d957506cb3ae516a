package clientreg_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

func (r *replica) update(token, clientID, body string) (registered, error) {
	response, err := r.gateway.UpdateRegistration(r.context(), &clientregv1.UpdateRegistrationRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: token, ClientId: clientID, Metadata: []byte(body),
	})
	if err != nil {
		return registered{}, err
	}
	client := registered{raw: string(response.GetInformation())}
	return client, json.Unmarshal(response.GetInformation(), &client.Information)
}

func (r *replica) delete(token, clientID string) error {
	_, err := r.gateway.DeleteRegistration(r.context(), &clientregv1.DeleteRegistrationRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: token, ClientId: clientID,
	})
	return err
}

// replacing is metadata for a PUT that is accepted, but for the changes.
func replacing(client registered, changes ...func(object)) string {
	return document(append([]func(object){set("client_id", client.ClientID)}, changes...)...)
}

func TestUpdateReplacesAll(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register(set("client_name", "old"), set("logo_uri", "https://client.example/logo"), set("scope", "accounts"), set("dpop_bound_access_tokens", true))
		got, err := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, set("client_name", "new"), set("unknown", "member")))
		if err != nil {
			t.Fatal(err)
		}
		want := client.Information
		want.ClientName, want.LogoURI, want.Scope, want.DPoPBoundTokens = "new", "", "openid accounts", false
		if !reflect.DeepEqual(got.Information, want) {
			t.Errorf("answered %s", got.raw)
		}
		if read, err := service.read(client.RegistrationAccessToken, client.ClientID); err != nil || read != got.raw {
			t.Errorf("read is %s, %v", read, err)
		}
	})
}

// TestUpdateHoldsAtNextUse, on a replica that remembers the client as it was.
func TestUpdateHoldsAtNextUse(t *testing.T) {
	newKeys := json.RawMessage(must(jose.NewKeySet(must(jose.NewKey(ecOther.Public(), "ec"))).MarshalJSON()))
	eachWorld(t, func(t *testing.T, w *world) {
		service, other := w.replica(), w.replica()
		client := service.register()
		for generation := int64(1); generation <= 3; generation++ {
			got, err := other.authenticate(w.assertion(client.ClientID))
			if err != nil || got.GetGeneration() != generation {
				t.Fatalf("generation %d: %v, %v", generation, got, err)
			}
			if _, err := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, set("jwks", newKeys))); err != nil {
			t.Fatal(err)
		}
		_, err := other.authenticate(w.assertion(client.ClientID))
		wantAuthenticated(t, err, false)
		_, err = other.authenticate(forge(object{"alg": "ES256", "kid": "ec"}, w.claims(client.ClientID), es256(ecOther)))
		wantAuthenticated(t, err, true)
	})
}

// TestUpdateRefuses: nothing of a refused replacement is in effect.
func TestUpdateRefuses(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client, other := service.register(set("client_name", "old")), service.register()
		server, err := service.tryRegister(serverToken, document(unset("redirect_uris"), set("resource", "https://api.example/v1")))
		if err != nil {
			t.Fatal(err)
		}
		body := func(changes ...func(object)) string { return replacing(client, changes...) }
		tests := []struct {
			name       string
			client     registered
			body       string
			code, rule string
		}{
			{"BAD-166 without client_id", client, body(unset("client_id")), "invalid_request", "DCR-5"},
			{"BAD-166 client_id null", client, body(set("client_id", nil)), "invalid_request", "DCR-5"},
			{"BAD-166 client_id of another client", client, body(set("client_id", other.ClientID)), "invalid_request", "DCR-5"},
			{"BAD-166 registration_access_token", client, body(set("registration_access_token", client.RegistrationAccessToken)), "invalid_request", "DCR-5"},
			{"BAD-166 registration_client_uri", client, body(set("registration_client_uri", client.RegistrationClientURI)), "invalid_request", "DCR-5"},
			{"BAD-166 client_secret_expires_at", client, body(set("client_secret_expires_at", 0)), "invalid_request", "DCR-5"},
			{"BAD-166 client_id_issued_at", client, body(set("client_id_issued_at", client.ClientIDIssuedAt)), "invalid_request", "DCR-5"},
			{"BAD-166 the answer as it was", client, client.raw, "invalid_request", "DCR-5"},
			{"client_secret, which nobody has", client, body(set("client_secret", "x")), "invalid_request", "DCR-5"},
			{"client_id a number", client, body(set("client_id", 7)), "invalid_client_metadata", "DCR-2"},
			{"not JSON", client, "x", "invalid_client_metadata", "DCR-2"},
			{"BAD-163 array", client, "[]", "invalid_client_metadata", "DCR-2"},
			{"BAD-163 repeated member", client, `{"client_name":"a","client_name":"b",` + body()[1:], "invalid_client_metadata", "DCR-2"},
			{"BAD-155 redirect URI on http", client, body(set("redirect_uris", []string{"http://client.example/cb"})), "invalid_client_metadata", "SP2-28"},
			{"BAD-155 no redirect URI", client, body(unset("redirect_uris")), "invalid_client_metadata", "DCR-2"},
			{"BAD-159 method none", client, body(set("token_endpoint_auth_method", "none")), "invalid_client_metadata", "SP2-6"},
			{"BAD-160 no name for tls_client_auth", client, body(set("token_endpoint_auth_method", "tls_client_auth")), "invalid_client_metadata", "MTLS-1"},
			{"BAD-156 jwks and jwks_uri", client, body(set("jwks_uri", "https://client.example/jwks")), "invalid_client_metadata", "DCR-2"},
			{"BAD-161 foreign scope", client, body(set("scope", "admin")), "invalid_client_metadata", "DCR-2"},
			{"THR-11 a resource server that would become a client", server, replacing(server), "invalid_client_metadata", "DCR-2"},
			{"THR-11 a resource server that would serve another resource", server, replacing(server, unset("redirect_uris"), set("resource", "https://other.example")), "invalid_client_metadata", "DCR-2"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := service.update(test.client.RegistrationAccessToken, test.client.ClientID, test.body)
				wantRefusal(t, err, test.code, test.rule, 400)
				if got, err := service.read(test.client.RegistrationAccessToken, test.client.ClientID); err != nil || got != test.client.raw {
					t.Errorf("in effect is %s, %v", got, err)
				}
			})
		}
		t.Run("a client does not become a resource server", func(t *testing.T) {
			got, err := service.update(other.RegistrationAccessToken, other.ClientID, replacing(other, set("resource", "https://api.example/v1")))
			if err != nil || got.Resource != "" {
				t.Errorf("%s, %v", got.raw, err)
			}
		})
		t.Run("a resource server may change its keys", func(t *testing.T) {
			got, err := service.update(server.RegistrationAccessToken, server.ClientID, replacing(server, unset("redirect_uris"), set("resource", "https://api.example/v1"), set("client_name", "API")))
			if err != nil || got.Resource != "https://api.example/v1" || got.ClientName != "API" {
				t.Errorf("%s, %v", got.raw, err)
			}
		})
	})
}

// TestManageNeedsTheClientsToken is BAD-165.
func TestManageNeedsTheClientsToken(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client, other, suspended := service.register(), service.register(), service.register()
		w.change(suspended.ClientID, `active = $4`, false)
		unknown := oauth.ClientIDPrefix + oauth.NewID()
		tests := []struct{ name, token, clientID string }{
			{"token absent", "", client.ClientID},
			{"token wrong", client.RegistrationAccessToken + "x", client.ClientID},
			{"token is the stored hash", oauth.Hash(client.RegistrationAccessToken), client.ClientID},
			{"another client's token", other.RegistrationAccessToken, client.ClientID},
			{"initial access token", clientToken, client.ClientID},
			{"unknown client", client.RegistrationAccessToken, unknown},
			{"unknown client without a token", "", unknown},
			{"client_id that no store should see", client.RegistrationAccessToken, "a\x00\xff"},
			{"suspended client", suspended.RegistrationAccessToken, suspended.ClientID},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := service.update(test.token, test.clientID, "not even JSON")
				wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
				wantRefusal(t, service.delete(test.token, test.clientID), oauth.CodeInvalidToken, "DCR-5", 401)
			})
		}
		t.Run("BAD-38 at another issuer", func(t *testing.T) {
			elsewhere := *w
			elsewhere.here = w.elsewhere
			foreign := &replica{&elsewhere, service.par, service.token, service.authorize, service.gateway}
			_, err := foreign.update(client.RegistrationAccessToken, client.ClientID, replacing(client))
			wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
			wantRefusal(t, foreign.delete(client.RegistrationAccessToken, client.ClientID), oauth.CodeInvalidToken, "DCR-5", 401)
		})
		if _, err := service.authenticate(w.assertion(client.ClientID)); err != nil {
			t.Errorf("something was changed: %v", err)
		}
	})
}

// TestDelete is BAD-36 and BAD-168.
func TestDelete(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service, other := w.replica(), w.replica()
		client, stays := service.register(), service.register()
		_, authenticating := other.authenticate(w.assertion(client.ClientID))
		_, getting := other.getClient(client.ClientID)
		if err := errors.Join(authenticating, getting, service.delete(client.RegistrationAccessToken, client.ClientID)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // by what was remembered, then without
			for _, r := range []*replica{service, other} {
				_, err := r.authenticate(w.assertion(client.ClientID))
				wantAuthenticated(t, err, false)
				_, err = r.getClient(client.ClientID)
				wantAuthenticated(t, err, false)
				_, err = r.read(client.RegistrationAccessToken, client.ClientID)
				wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
				_, err = r.update(client.RegistrationAccessToken, client.ClientID, replacing(client))
				wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
				wantRefusal(t, r.delete(client.RegistrationAccessToken, client.ClientID), oauth.CodeInvalidToken, "DCR-5", 401)
			}
			w.forgetGeneration(client.ClientID)
		}
		var rows int
		if err := w.db.QueryRowContext(w.context(), `SELECT COUNT(*) FROM client WHERE client_id = $1`, client.ClientID).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%d rows are left, %v", rows, err)
		}
		if _, err := service.authenticate(w.assertion(stays.ClientID)); err != nil {
			t.Errorf("another client is gone too: %v", err)
		}
	})
}

// TestChangeNeedsRedis: a change that replicas could not hear of is not made.
func TestChangeNeedsRedis(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		if err := w.redis.Close(); err != nil {
			t.Fatal(err)
		}
		_, updating := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, set("client_name", "new")))
		wantRefusal(t, updating, oauth.CodeTemporarilyUnavailable, "", 503)
		wantRefusal(t, service.delete(client.RegistrationAccessToken, client.ClientID), oauth.CodeTemporarilyUnavailable, "", 503)
		if got, err := service.read(client.RegistrationAccessToken, client.ClientID); err != nil || got != client.raw {
			t.Errorf("in effect is %s, %v", got, err)
		}
	})
}

// TestMethodChange: after a PUT the old proof is none, and the new one is good.
func TestMethodChange(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		certificate := []func(object){unset("jwks"), set("token_endpoint_auth_method", "tls_client_auth"), set("tls_client_auth_subject_dn", subjectDN)}
		got, err := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, certificate...))
		if err != nil || got.JWKS != nil {
			t.Fatalf("%s, %v", got.raw, err)
		}
		_, err = service.authenticate(w.assertion(client.ClientID))
		wantAuthenticated(t, err, false)
		_, err = service.present(client.ClientID, bankCA.issue())
		wantAuthenticated(t, err, true)
	})
}
