package clientreg_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

func TestRegisterNeedsInitialAccessToken(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		for name, token := range map[string]string{"missing": "", "wrong": clientToken + "x", "its hash": oauth.Hash(clientToken)} {
			t.Run(name, func(t *testing.T) {
				_, err := service.tryRegister(token, document())
				wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-2", 401)
			})
		}
	})
}

func TestRegisterResourceServer(t *testing.T) {
	server := func(changes ...func(object)) string {
		return document(append([]func(object){unset("redirect_uris"), set("resource", "https://api.example/v1")}, changes...)...)
	}
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		t.Run("is a client with a resource and nothing of a flow", func(t *testing.T) {
			registered, err := service.tryRegister(serverToken, server())
			if err != nil {
				t.Fatal(err)
			}
			got, err := service.authenticate(w.assertion(registered.ClientID))
			if err != nil {
				t.Fatal(err)
			}
			if got.GetResource() != "https://api.example/v1" || len(got.GetGrantTypes())+len(got.GetResponseTypes())+len(got.GetRedirectUris())+len(got.GetScopes()) != 0 {
				t.Errorf("client is %v", got)
			}
		})
		t.Run("its token makes ordinary clients too", func(t *testing.T) {
			registered, err := service.tryRegister(serverToken, document())
			if err != nil || registered.Resource != "" || len(registered.GrantTypes) != 1 {
				t.Errorf("%s, %v", registered.raw, err)
			}
		})
		t.Run("an ordinary token makes none", func(t *testing.T) {
			registered, err := service.tryRegister(clientToken, document(set("resource", "https://api.example/v1")))
			if err != nil || strings.Contains(registered.raw, `"resource"`) || len(registered.GrantTypes) != 1 {
				t.Errorf("%s, %v", registered.raw, err)
			}
		})
		for name, change := range map[string]func(object){
			"resource on http":         set("resource", "http://api.example"),
			"resource with a fragment": set("resource", "https://api.example#a"),
			"resource relative":        set("resource", "/api"),
			"grant types":              set("grant_types", []string{"client_credentials"}),
			"response types":           set("response_types", []string{"code"}),
			"redirect URIs":            set("redirect_uris", []string{"https://client.example/cb"}),
		} {
			t.Run("refused: "+name, func(t *testing.T) {
				_, err := service.tryRegister(serverToken, server(change))
				wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "DCR-2", 400)
			})
		}
	})
}

func (r *replica) read(token, clientID string) (string, error) {
	response, err := r.gateway.ReadRegistration(r.context(), &clientregv1.ReadRegistrationRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: token, ClientId: clientID,
	})
	return string(response.GetInformation()), err
}

func TestReadRegistration(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		client, other, suspended := service.register(set("client_name", "Budget")), service.register(), service.register()
		if _, err := service.db.ExecContext(service.context(), `UPDATE client SET active = $1 WHERE client_id = $2`, false, suspended.ClientID); err != nil {
			t.Fatal(err)
		}
		t.Run("answers the document of the registration", func(t *testing.T) {
			got, err := service.read(client.RegistrationAccessToken, client.ClientID)
			if err != nil || got != client.raw || !json.Valid([]byte(got)) {
				t.Errorf("answered %s, %v; registered was %s", got, err, client.raw)
			}
		})
		tests := []struct{ name, token, clientID string }{
			{"token absent", "", client.ClientID},
			{"token wrong", client.RegistrationAccessToken + "x", client.ClientID},
			{"token is the stored hash", oauth.Hash(client.RegistrationAccessToken), client.ClientID},
			{"another client's token", other.RegistrationAccessToken, client.ClientID},
			{"initial access token", clientToken, client.ClientID},
			{"unknown client", client.RegistrationAccessToken, oauth.ClientIDPrefix + oauth.NewID()},
			{"unknown client without a token", "", oauth.ClientIDPrefix + oauth.NewID()},
			{"client_id that no store should see", client.RegistrationAccessToken, "a\x00\xff"},
			{"suspended client", suspended.RegistrationAccessToken, suspended.ClientID},
		}
		for _, test := range tests {
			t.Run("DCR-5 "+test.name, func(t *testing.T) {
				_, err := service.read(test.token, test.clientID)
				wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
			})
		}
		t.Run("BAD-38 at another issuer", func(t *testing.T) {
			_, err := service.gateway.ReadRegistration(service.context(), &clientregv1.ReadRegistrationRequest{
				Call: service.call(service.elsewhere, oauth.NewID()), BearerToken: client.RegistrationAccessToken, ClientId: client.ClientID,
			})
			wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
		})
	})
}
