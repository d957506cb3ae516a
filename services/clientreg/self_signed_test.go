package clientreg_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// certifiedKeys is a JWK set of ecKey with the certificates, one entry for each.
func certifiedKeys(certificates ...[]byte) object {
	var keys []json.RawMessage
	for _, der := range certificates {
		keys = append(keys, jwk("c"+oauth.NewID(), `"x5c":["`+base64.StdEncoding.EncodeToString(der)+`"]`))
	}
	return object{"keys": keys}
}

func (r *replica) selfCertified(certificates ...[]byte) registered {
	r.t.Helper()
	return r.register(set("token_endpoint_auth_method", "self_signed_tls_client_auth"), set("jwks", certifiedKeys(certificates...)))
}

// TestSelfSignedTLSClientAuth is MTLS-4.
func TestSelfSignedTLSClientAuth(t *testing.T) {
	mine, next, never := selfSigned(), selfSigned(), selfSigned()
	late := selfSigned(valid(now.AddDate(-1, 0, 0), now.Add(time.Minute)))
	early := selfSigned(valid(now.Add(time.Minute), now.AddDate(1, 0, 0)))
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.selfCertified(mine, next, late, early)
		other := service.selfCertified(never)
		for name, chain := range map[string][][]byte{
			"the registered one": {mine}, "another registered one": {next}, "with a chain behind, which says nothing": {mine, attackerCA.certificate.Raw},
		} {
			t.Run(name, func(t *testing.T) {
				got, err := service.present(client.ClientID, chain)
				if err != nil || got.GetClientId() != client.ClientID {
					t.Errorf("client is %v, %v", got, err)
				}
			})
		}
		cut := mine[:len(mine)-1]
		for name, chain := range map[string][][]byte{
			"one that is not registered, with the same key and names": {never}, "the registered one behind another": {never, mine},
			"one by a trusted authority, with the same key and names": bankCA.issue(), "cut short": {cut}, "none": {{}}, "not yet valid": {early},
		} {
			t.Run("refused: "+name, func(t *testing.T) {
				_, err := service.present(client.ClientID, chain)
				wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
			})
		}
		t.Run("refused: another client's", func(t *testing.T) {
			_, err := service.present(other.ClientID, [][]byte{mine})
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
		t.Run("BAD-37 refused: an assertion by the registered key", func(t *testing.T) {
			_, err := service.authenticate(forge(object{"alg": "ES256"}, w.claims(client.ClientID), es256(ecKey)))
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
		t.Run("BAD-31 refused: expired since", func(t *testing.T) {
			if _, err := service.present(client.ClientID, [][]byte{late}); err != nil {
				t.Fatal(err)
			}
			w.clock.Advance(2 * time.Minute)
			_, err := service.present(client.ClientID, [][]byte{late})
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
	})
}

func TestRegisterSelfSigned(t *testing.T) {
	method := set("token_endpoint_auth_method", "self_signed_tls_client_auth")
	eachSQL(t, func(t *testing.T, service *replica) {
		for name, test := range map[string]struct {
			rule   string
			change func(object)
		}{
			"no keys":                    {"MTLS-1", unset("jwks")},
			"keys without certificates":  {"MTLS-4", set("jwks", object{"keys": []json.RawMessage{jwk("a")}})},
			"certificate of another key": {"DCR-2", set("jwks", certifiedKeys(bankCA.certificate.Raw))},
			"x5c that is no certificate": {"DCR-2", set("jwks", certifiedKeys([]byte("x")))},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := service.tryRegister(clientToken, document(method, test.change))
				wantRefusal(t, err, oauth.CodeInvalidClientMetadata, test.rule, 400)
			})
		}
	})
}
