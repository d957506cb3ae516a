package clientreg_test

import (
	"database/sql"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// TestGates: who is let in is the issuer's policy, apart from what a statement must
// say (DCR-2, BAD-150).
func TestGates(t *testing.T) {
	const token, certificate, vouched = issuer.InitialAccessToken, issuer.Certificate, issuer.Statement
	type gate = []issuer.Credential
	storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) {
		redis := embeddedRedis(t)
		host := newKeyHost(t, string(keys()))
		bring := func(credentials ...issuer.Credential) func(*application) {
			return func(a *application) {
				brings := map[issuer.Credential]bool{}
				for _, c := range credentials {
					brings[c] = true
				}
				if brings[token] {
					a.token = clientToken
				}
				if !brings[certificate] {
					a.chain = nil
				}
				if !brings[vouched] {
					a.statement, a.body, a.members = nil, nil, object{"redirect_uris": []string{"https://client.example/cb"}, "jwks": keys()}
					if a.chain != nil {
						a.chain = foreignCA.issue() // whom the issuer itself trusts
					}
				}
			}
		}
		for _, row := range []struct {
			name       string
			gates      []gate
			iss        string
			bring      []issuer.Credential
			code, rule string // empty where it is let in
		}{
			{"token", []gate{{token}}, cdr, gate{token}, "", ""},
			{"BAD-150 no token", []gate{{token}}, cdr, nil, oauth.CodeInvalidToken, "DCR-2"},
			{"BAD-150 a statement is no token", []gate{{token}}, cdr, gate{vouched}, oauth.CodeInvalidToken, "DCR-2"},
			{"statement", []gate{{vouched}}, cdr, gate{vouched}, "", ""},
			{"BAD-151 no statement", []gate{{vouched}}, cdr, nil, oauth.CodeInvalidStatement, "SSA-1"},
			{"BAD-151 a token is no statement", []gate{{vouched}}, cdr, gate{token}, oauth.CodeInvalidStatement, "SSA-1"},
			{"certificate", []gate{{certificate}}, cdr, gate{certificate}, "", ""},
			{"BAD-150 no certificate", []gate{{certificate}}, cdr, nil, oauth.CodeInvalidClient, "DCR-2"},
			{"BAD-150 a token is no certificate", []gate{{certificate}}, cdr, gate{token}, oauth.CodeInvalidClient, "DCR-2"},
			{"certificate and statement", []gate{{certificate, vouched}}, brazil, gate{certificate, vouched}, "", ""},
			{"BAD-150 the statement alone", []gate{{certificate, vouched}}, brazil, gate{vouched}, oauth.CodeInvalidClient, "DCR-2"},
			{"BAD-151 the certificate alone", []gate{{certificate, vouched}}, brazil, gate{certificate}, oauth.CodeInvalidStatement, "SSA-1"},
			{"token and certificate and statement", []gate{{token, certificate, vouched}}, brazil, gate{token, certificate, vouched}, "", ""},
			{"BAD-150 all but the token", []gate{{token, certificate, vouched}}, brazil, gate{certificate, vouched}, oauth.CodeInvalidToken, "DCR-2"},
			{"either: the first", []gate{{token}, {certificate, vouched}}, brazil, gate{token}, "", ""},
			{"either: the second", []gate{{token}, {certificate, vouched}}, brazil, gate{certificate, vouched}, "", ""},
			{"either: none", []gate{{token}, {certificate, vouched}}, brazil, nil, oauth.CodeInvalidToken, "DCR-2"},
		} {
			t.Run(row.name, func(t *testing.T) {
				w := withFrameworks(t, db, redis, gates(row.gates...))
				_, err := w.replica(host.fetching(t)).apply(w.application(row.iss, host, bring(row.bring...)))
				if row.code == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				status := 401
				if row.code == oauth.CodeInvalidStatement {
					status = 400
				}
				wantRefusal(t, err, row.code, row.rule, status)
			})
		}
		t.Run("BAD-150 a wrong token is refused even where there is another way in", func(t *testing.T) {
			w := withFrameworks(t, db, redis, gates(gate{token}, gate{vouched}))
			a := w.application(cdr, host)
			a.token = "wrong"
			_, err := w.replica(host.fetching(t)).apply(a)
			wantRefusal(t, err, oauth.CodeInvalidToken, "DCR-2", 401)
		})
		t.Run("BAD-150 an untrusted certificate", func(t *testing.T) {
			w := withFrameworks(t, db, redis, gates(gate{certificate}))
			a := w.application(cdr, host, bring(certificate))
			a.chain = attackerCA.issue()
			_, err := w.replica().apply(a)
			wantRefusal(t, err, oauth.CodeInvalidClient, "DCR-2", 401)
		})
	})
}

// TestCompliantByOneSwitch: what the profile wants follows by itself, and the
// answer shows it.
func TestCompliantByOneSwitch(t *testing.T) {
	storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) {
		redis := embeddedRedis(t)
		compliant := withFrameworks(t, db, redis, byStatement, func(i *issuer.Issuer) { i.FAPICompliant = true }).replica()
		plain := withFrameworks(t, db, redis, byStatement).replica()
		self := set("token_endpoint_auth_method", "self_signed_tls_client_auth")
		certified := set("jwks", certifiedKeys(selfSigned()))
		for _, row := range []struct {
			name                           string
			service                        *replica
			changes                        []func(object)
			compliant, byCertificate, dpop bool
		}{
			{"the issuer's switch", compliant, nil, true, false, true},
			{"the issuer's, against the client's word", compliant, []func(object){set("fapi_compliant", false), set("require_pushed_authorization_requests", false)}, true, false, true},
			{"the client's switch", plain, []func(object){set("fapi_compliant", true)}, true, false, true},
			{"by a certificate", plain, []func(object){set("fapi_compliant", true), self, certified}, true, true, false},
			{"as it chose", plain, []func(object){set("fapi_compliant", true), set("tls_client_certificate_bound_access_tokens", true)}, true, true, false},
			{"no switch", plain, nil, false, false, false},
		} {
			m := row.service.register(row.changes...).Client
			if m.FAPICompliant != row.compliant || m.RequirePAR != row.compliant || m.RequirePKCE != row.compliant ||
				m.CertificateBoundTokens != row.byCertificate || m.DPoPBoundTokens != row.dpop {
				t.Errorf("%s: %+v", row.name, m)
			}
		}
	})
}
