package clientreg_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// managing is a request of RFC 7592 for a client with a statement.
type managing struct {
	token, clientID string
	chain           [][]byte
}

func (r *replica) replace(m managing, members object) (registered, error) {
	response, err := r.gateway.UpdateRegistration(r.context(), &clientregv1.UpdateRegistrationRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: m.token, ClientId: m.clientID, Metadata: must(json.Marshal(members)), Certificates: m.chain,
	})
	if err != nil {
		return registered{}, err
	}
	client := registered{raw: string(response.GetInformation())}
	return client, json.Unmarshal(response.GetInformation(), &client.Information)
}

func (r *replica) readWith(m managing) error {
	_, err := r.gateway.ReadRegistration(r.context(), &clientregv1.ReadRegistrationRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: m.token, ClientId: m.clientID, Certificates: m.chain,
	})
	return err
}

func (r *replica) deleteWith(m managing) error {
	_, err := r.gateway.DeleteRegistration(r.context(), &clientregv1.DeleteRegistrationRequest{
		Call: r.call(r.here, oauth.NewID()), BearerToken: m.token, ClientId: m.clientID, Certificates: m.chain,
	})
	return err
}

// TestManagementNeedsTheCertificate is BAD-167: the token alone opens nothing where
// the framework says so, and nothing is changed.
func TestManagementNeedsTheCertificate(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		a := w.application(brazil, host)
		client, err := service.apply(a)
		if err != nil {
			t.Fatal(err)
		}
		own := managing{client.RegistrationAccessToken, client.ClientID, a.chain}
		stolen := object{"client_id": client.ClientID, "jwks_uri": "https://attacker.example/jwks"}
		for name, chain := range map[string][][]byte{
			"none": nil, "of another software": participant(w.statementClaims(brazil, host)), "by another authority": foreignCA.issue(),
		} {
			thief := managing{own.token, own.clientID, chain}
			_, err := service.replace(thief, stolen)
			wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-5", 401)
			wantRefusal(t, service.readWith(thief), oauth.CodeInvalidToken, "DCR-5", 401)
			wantRefusal(t, service.deleteWith(thief), oauth.CodeInvalidToken, "DCR-5", 401)
			if t.Failed() {
				t.Fatalf("certificate %s", name)
			}
		}
		_, err = service.replace(own, stolen)
		wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "SSA-1", 400)
		if _, err := service.authenticate(w.assertion(client.ClientID)); err != nil {
			t.Errorf("something was changed: %v", err)
		}
		if err := service.readWith(own); err != nil {
			t.Error(err)
		}
		if err := service.deleteWith(own); err != nil {
			t.Error(err)
		}
	})
}

// TestReplacementRechecksTheStatement: a PUT goes no further than the statement
// that the client stands on, whether it comes again or not.
func TestReplacementRechecksTheStatement(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		a := w.application(brazil, host)
		client, err := service.apply(a)
		if err != nil {
			t.Fatal(err)
		}
		kept := client.SoftwareStatement
		own := managing{client.RegistrationAccessToken, client.ClientID, a.chain}
		w.clock.Advance(time.Hour) // the statement's time is over
		restate := func(changes ...func(object)) string {
			claims := w.statementClaims(brazil, host, append([]func(object){set("software_id", a.claims["software_id"])}, changes...)...)
			return vouch(claims)
		}
		for _, row := range []struct {
			name, code, rule string // no code where it is taken
			members          object
		}{
			{"without a statement", "", "", object{}},
			{"with the one that is kept", "", "", object{"software_statement": kept}},
			{"with a new one", "", "", object{"software_statement": restate()}},
			{"BAD-155 beyond the kept one", oauth.CodeInvalidClientMetadata, "SSA-1", object{"redirect_uris": []string{"https://attacker.example/cb"}}},
			{"BAD-161 scope above the role", oauth.CodeInvalidClientMetadata, "SSA-1", object{"scope": "payments"}},
			{"BAD-151 a new one that nobody signed", oauth.CodeInvalidStatement, "SSA-1", object{"software_statement": kept[:len(kept)-8] + "AAAAAAAA"}},
			{"BAD-153 another old one", oauth.CodeInvalidStatement, "SSA-1", object{"software_statement": restate(set("iat", w.ago(6*time.Minute)))}},
			{"THR-11 of another software", oauth.CodeInvalidStatement, "SSA-1", object{"software_statement": restate(set("software_id", "other"))}},
			{"THR-11 of another organisation", oauth.CodeInvalidStatement, "SSA-1", object{"software_statement": restate(set("org_id", "org-2"))}},
			{"THR-11 of another framework", oauth.CodeInvalidStatement, "SSA-1", object{"software_statement": vouch(w.statementClaims(uk, host, set("software_id", a.claims["software_id"])))}},
			{"BAD-152 inactive meanwhile", oauth.CodeUnapprovedStatement, "DCR-3", object{"software_statement": restate(set("software_status", "Inactive"))}},
		} {
			t.Run(row.name, func(t *testing.T) {
				row.members["client_id"] = client.ClientID
				got, err := service.replace(own, row.members)
				if row.code != "" {
					wantRefusal(t, err, row.code, row.rule, 400)
					return
				}
				if err != nil || got.JWKSURI != host.URL+"/jwks" || got.SoftwareStatement == "" || got.Scope != "openid accounts" {
					t.Errorf("%v: %s", err, got.raw)
				}
			})
		}
	})
}

// TestStatementMakesNoStranger: a client that was let in without a statement does
// not get one later (THR-11).
func TestStatementMakesNoStranger(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		client := service.register()
		_, err := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, set("software_statement", vouch(w.statementClaims(brazil, host)))))
		wantRefusal(t, err, oauth.CodeInvalidStatement, "SSA-1", 400)
	})
}
