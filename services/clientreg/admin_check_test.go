package clientreg_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// check hands an application to an operator's dry run.
func (o *operated) check(t *testing.T, a application) *adminv1.CheckRegistrationResponse {
	t.Helper()
	text, signed := a.text()
	answer, err := o.reader.CheckRegistration(o.context(), &adminv1.CheckRegistrationRequest{
		Issuer: o.here.Name, Metadata: string(text), Signed: signed, Certificates: pemOf(a.chain),
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// broken are the rules of the faults, in their order.
func broken(answer *adminv1.CheckRegistrationResponse) (ids []string) {
	for _, f := range answer.GetFaults() {
		ids = append(ids, f.GetRule().GetId())
	}
	return ids
}

// TestDryRunTellsAll: every rule that a request breaks, with its clause, where
// Register tells the first alone.
func TestDryRunTellsAll(t *testing.T) {
	eachFollowed(t, func(t *testing.T, w *world, list, host *keyHost) {
		o := w.operated(t, fetchingFrom(t, list, host))
		for _, row := range []struct {
			why    string
			change func(*application)
			want   []string
		}{
			{"nothing", func(*application) {}, nil},
			{"BAD-153 too old", claim("iat", w.ago(time.Hour)), []string{"SSA-1"}},
			{"BAD-153, BAD-161, BAD-155 too old, above its roles, elsewhere", func(a *application) {
				a.claims["iat"] = w.ago(time.Hour)
				a.members["scope"], a.members["redirect_uris"] = "payments", []string{"https://attacker.example/cb"}
			}, []string{"SSA-1", "SSA-1", "SSA-1"}},
			{"BAD-152, BAD-154 inactive software of a suspended participant, another's certificate", func(a *application) {
				a.claims["software_status"], a.claims["org_id"] = "Inactive", "org-9"
			}, []string{"DCR-3", "DCR-3", "SSA-1"}},
			{"two rules of the profile", func(a *application) {
				a.members["token_endpoint_auth_method"], a.members["grant_types"] = "client_secret_basic", []string{"implicit"}
			}, []string{"SP2-2", "SP2-6", "SP2-6"}},
			{"BAD-150 no certificate", func(a *application) { a.chain = nil }, []string{"DCR-2"}},
			{"BAD-163 a member of a wrong type", member("contacts", 7), []string{"DCR-2"}},
		} {
			t.Run(row.why, func(t *testing.T) {
				a := w.application(brazil, host)
				row.change(&a)
				answer := o.check(t, a)
				got := broken(answer)
				slices.Sort(got)
				if !slices.Equal(got, row.want) || answer.GetOk() != (len(row.want) == 0) {
					t.Errorf("broken are %v, want %v: %v", got, row.want, answer.GetFaults())
				}
				for _, f := range answer.GetFaults() {
					if len(f.GetRule().GetSentences()) == 0 || f.GetRule().GetSentences()[0].GetSource() == "" || f.GetDescription() == "" {
						t.Errorf("%v names no clause", f)
					}
				}
				_, err := o.apply(a) // the same request, in earnest
				if (err == nil) != answer.GetOk() {
					t.Errorf("registered: %v; the dry run said %v", err, answer.GetOk())
				}
			})
		}
	})
}

// TestDryRunUsesNothingUp: not the statement, nor the body, nor anybody's share of
// registrations; and it tells what was used up before.
func TestDryRunUsesNothingUp(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		o := w.operated(t, fetchingFrom(t, host))
		a := w.application(cdr, host)
		text, signed := a.text()
		dry := func() *adminv1.CheckRegistrationResponse {
			t.Helper()
			answer, err := o.reader.CheckRegistration(o.context(), &adminv1.CheckRegistrationRequest{
				Issuer: o.here.Name, Metadata: string(text), Signed: signed, Certificates: pemOf(a.chain)})
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		for range 3 {
			if answer := dry(); !answer.GetOk() || answer.GetEffectiveMetadata() == "" || answer.GetParticipant() != "org-1" {
				t.Fatalf("%v", answer)
			}
		}
		all, err := o.reader.ListClients(o.context(), &adminv1.ListClientsRequest{Issuer: o.here.Name})
		if err != nil || len(all.GetClients()) != 0 {
			t.Fatalf("a dry run registered %v, %v", all, err)
		}
		handed := &adminv1.RegisterClientRequest{Issuer: o.here.Name, Metadata: string(text), Signed: signed, Certificates: pemOf(a.chain)}
		if _, err := o.admin.RegisterClient(o.context(), handed); err != nil {
			t.Fatal("in earnest:", err)
		}
		got := broken(dry())
		slices.Sort(got)
		if want := []string{"DCR-1", "DCR-4", "SSA-1"}; !slices.Equal(got, want) {
			t.Errorf("after it was registered: %v, want %v", got, want)
		}
		_, err = o.admin.RegisterClient(o.context(), handed)
		wantCode(t, err, codes.InvalidArgument)
	})
}

// TestDryRunTellsWhatCannotBeKnown: of what is older than the store nobody knows whether
// it was used, also when it was refused for that before.
func TestDryRunTellsWhatCannotBeKnown(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		w := withFrameworks(t, of.db, of.redis, byStatement)
		f, _ := w.here.Framework("register-au")
		f.Duplicates, f.StatementOnce = framework.Allow, true
		host := newKeyHost(t, string(keys()))
		o := w.operated(t, host.fetching(t))
		a := w.application(cdr, host)
		w.clock.Advance(time.Second)
		if err := w.redis.FlushDB(w.context()).Err(); err != nil {
			t.Fatal(err)
		}
		if err := w.redis.Remember(w.context(), "clientreg", w.clock.Now()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			faults := o.check(t, a).GetFaults()
			for _, f := range faults {
				if f.GetError() != oauth.CodeTemporarilyUnavailable || !strings.Contains(f.GetCause(), "before the store was born") {
					t.Errorf("%v", f)
				}
			}
			_, err := o.apply(a)
			wantRefusal(t, err, oauth.CodeTemporarilyUnavailable, "", 503)
			if len(faults) != 2 { // the statement and the body
				t.Errorf("%v", faults)
			}
		}
	})
}

// TestDryRunTellsWhichWaysFit: a statement that is not believed opens no gate, though
// it can be read.
func TestDryRunTellsWhichWaysFit(t *testing.T) {
	eachFrameworkWorld(t, gates([]issuer.Credential{issuer.Statement}), func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		o := w.operated(t, fetchingFrom(t, host))
		for _, row := range []struct {
			why    string
			change func(*application)
			fits   bool
		}{
			{"a good statement", func(*application) {}, true},
			{"a good statement, and metadata that is not", member("contacts", []string{""}), true},
			{"BAD-153 too old", claim("iat", w.ago(time.Hour)), false},
			{"BAD-151 none", func(a *application) {
				a.statement, a.members = nil, object{"redirect_uris": []string{"https://client.example/cb"}, "jwks": keys()}
			}, false},
		} {
			answer := o.check(t, w.application(brazil, host, row.change))
			if ways := answer.GetWays(); len(ways) != 1 || (len(ways[0].GetMissing()) == 0) != row.fits {
				t.Errorf("%s: %v", row.why, ways)
			}
		}
	})
}

// TestDryRunReadsCertificateRoles: what the roles in a qualified certificate open
// bounds a dry run as it bounds a registration.
func TestDryRunReadsCertificateRoles(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		o := w.operated(t, host.fetching(t))
		for _, row := range []struct {
			roles []int
			want  []string
		}{{[]int{accountInformation}, nil}, {[]int{cardIssuing}, []string{"DCR-3"}}} {
			answer := o.check(t, w.application(eu, host, func(a *application) { a.chain = qualified(row.roles...) }))
			if got := broken(answer); !slices.Equal(got, row.want) {
				t.Errorf("%v: %v, want %v", row.roles, answer.GetFaults(), row.want)
			}
		}
	})
}

// TestDirectoryAndOperator: neither lifts the other's suspension, and the trail
// tells who did what.
func TestDirectoryAndOperator(t *testing.T) {
	eachFollowed(t, func(t *testing.T, w *world, list, host *keyHost) {
		o := w.operated(t, fetchingFrom(t, list, host))
		client, err := o.apply(w.application(brazil, host))
		if err != nil {
			t.Fatal(err)
		}
		follow := func(status string) {
			t.Helper()
			list.answers.Store(participants("org-1", status, "org-2", "Active"))
			if err := o.service.Follow(w.context()); err != nil {
				t.Fatal(err)
			}
		}
		id, name := client.ClientID, w.here.Name
		suspend := func() {
			_, err := o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: name, ClientId: id})
			wantCode(t, err, codes.OK)
		}
		resume := func() {
			_, err := o.admin.ResumeClient(o.context(), &adminv1.ResumeClientRequest{Issuer: name, ClientId: id})
			wantCode(t, err, codes.OK)
		}
		for n, step := range []struct {
			do                            func()
			serving, suspended, withdrawn bool
		}{
			{func() { follow("Active") }, true, false, false},
			{suspend, false, true, false},
			{func() { follow("Suspended") }, false, true, true},
			{func() { follow("Active") }, false, true, false},
			{func() { follow("Suspended") }, false, true, true},
			{resume, false, false, true},
			{func() { follow("Active") }, true, false, false},
		} {
			step.do()
			got, err := o.reader.GetClient(o.context(), &adminv1.GetClientRequest{Issuer: name, ClientId: id})
			if err != nil || got.GetServing() != step.serving || got.GetSuspended() != step.suspended || got.GetWithdrawn() != step.withdrawn {
				t.Errorf("step %d: %v, %v", n, got, err)
			}
			_, err = o.authenticate(w.assertion(id))
			wantAuthenticated(t, err, step.serving)
		}
		var trail []string
		for _, kind := range []audit.Kind{audit.ClientSuspended, audit.ClientResumed} {
			for _, e := range o.events(t, kind) {
				trail = append(trail, string(e.Kind)+" by "+e.Actor+" "+e.Participant)
				if e.ClientID != id || e.Issuer != name {
					t.Errorf("%+v", e)
				}
			}
		}
		by := "framework:" + w.here.TrustFrameworks[0].Name + " org-1"
		if want := []string{"client.suspended by dns:admin ", "client.suspended by " + by, "client.suspended by " + by,
			"client.resumed by " + by, "client.resumed by dns:admin ", "client.resumed by " + by}; !slices.Equal(trail, want) {
			t.Errorf("the trail: %q, want %q", trail, want)
		}
	})
}

// TestChecksOfConfiguration: what an issuer relies on is there, or is told to be
// missing.
func TestChecksOfConfiguration(t *testing.T) {
	eachFollowed(t, func(t *testing.T, w *world, list, host *keyHost) {
		o := w.operated(t, fetchingFrom(t, list, host))
		name := w.here.Name
		framework := w.here.TrustFrameworks[0].Name
		issuers, err := o.reader.ListIssuers(o.context(), &adminv1.ListIssuersRequest{})
		if err != nil || len(issuers.GetIssuers()) != 1 || !slices.Contains(issuers.GetIssuers()[0].GetFrameworks(), framework) {
			t.Errorf("%v, %v", issuers, err)
		}
		frameworks, err := o.reader.ListFrameworks(o.context(), &adminv1.ListFrameworksRequest{Issuer: name})
		if err != nil || len(frameworks.GetFrameworks()) != len(w.here.TrustFrameworks) || frameworks.GetFrameworks()[0].GetParticipantsUri() == "" {
			t.Errorf("%v, %v", frameworks, err)
		}
		look := func(want bool, saying string) {
			t.Helper()
			of, err := o.reader.CheckFramework(o.context(), &adminv1.CheckFrameworkRequest{Issuer: name, Framework: framework})
			if err != nil || of.GetOk() != want || !strings.Contains(of.String(), saying) {
				t.Errorf("%v, %v, want %v with %q", of, err, want, saying)
			}
		}
		look(true, "2 participants, 2 of them active")
		w.clock.Advance(11 * time.Minute)
		look(false, "11m0s old")
		list.down.Store(true)
		look(false, "host is unreachable")
		all, err := o.reader.CheckIssuer(o.context(), &adminv1.CheckIssuerRequest{Issuer: name})
		if err != nil || all.GetOk() || len(all.GetFindings()) < 7 {
			t.Errorf("the issuer's own: %v, %v", all, err)
		}
		_, err = o.reader.CheckFramework(o.context(), &adminv1.CheckFrameworkRequest{Issuer: name, Framework: "x"})
		wantCode(t, err, codes.NotFound)
	})
}

// TestCheckCertificate: what it says, and who trusts it.
func TestCheckCertificate(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		o := w.operated(t)
		check := func(text string) (*adminv1.CheckCertificateResponse, error) {
			return o.reader.CheckCertificate(o.context(), &adminv1.CheckCertificateRequest{Issuer: w.here.Name, Certificates: text})
		}
		chain := participant(object{"org_id": "org-1", "software_id": "s-1"}, func(c *x509.Certificate) { c.DNSNames = []string{"tpp.example"} })
		got, err := check(pemOf(chain))
		if err != nil {
			t.Fatal(err)
		}
		c := got.GetCertificate()
		if c.GetOrganizationId() != "OFBBR-org-1" || !slices.Contains(c.GetNames(), "dns:tpp.example") || c.GetCompared() == "" || len(c.GetThumbprint()) != 43 || c.GetKey() != "EC P-256" {
			t.Errorf("%v", c)
		}
		trusted := map[string]bool{}
		for _, tr := range got.GetTrust() {
			trusted[tr.GetFramework()] = tr.GetTrusted()
			if tr.GetTrusted() == (tr.GetBecause() != "") || tr.GetTrusted() != (tr.GetRevocation() == "off") {
				t.Errorf("%v", tr)
			}
		}
		if len(trusted) != 1+len(w.here.TrustFrameworks) || trusted[""] || !trusted[w.here.TrustFrameworks[0].Name] {
			t.Errorf("trusted by %v", trusted)
		}
		for _, text := range []string{"", "x", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", pemOf(chain) + "x", "x\n" + pemOf(chain), strings.Repeat(pemOf(chain[:1]), 11)} {
			_, err := check(text)
			wantCode(t, err, codes.InvalidArgument)
		}
	})
}

// TestCheckCertificateAsksWhetherItWasRevoked, by what the issuer has chosen.
func TestCheckCertificateAsksWhetherItWasRevoked(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		for _, row := range []struct {
			name    string
			choice  trust.Revocation
			prepare func(p *publisher, chain [][]byte)
			trusted bool
			want    string
		}{
			{"good", trust.FailClosed, func(*publisher, [][]byte) {}, true, "good"},
			{"BAD-31 revoked", trust.FailClosed, func(p *publisher, chain [][]byte) { p.revoked.Store(serialOf(chain)) }, false, "revoked"},
			{"nothing can be heard", trust.FailClosed, func(p *publisher, _ [][]byte) { p.down.Store(true) }, false, "unknown"},
			{"nothing can be heard, and that is chosen to be enough", trust.FailOpen, func(p *publisher, _ [][]byte) { p.down.Store(true) }, true, "unknown"},
			{"nobody asks", trust.Off, func(p *publisher, chain [][]byte) { p.revoked.Store(serialOf(chain)) }, true, "off"},
		} {
			t.Run(row.name, func(t *testing.T) {
				p := newPublisher(t)
				chain := publishingCA.issue(p.byOCSP)
				row.prepare(p, chain)
				of.here.ClientCertificates = trust.Store{Authorities: publishingCA.file(t), Revocation: row.choice}
				o := of.operated(t, func(c *clientreg.Config) { c.Fetch.Allow = []string{strings.TrimPrefix(p.URL, "http://")} })
				got, err := o.reader.CheckCertificate(o.context(), &adminv1.CheckCertificateRequest{Issuer: o.here.Name, Certificates: pemOf(chain)})
				if err != nil {
					t.Fatal(err)
				}
				told := got.GetTrust()[0]
				if told.GetTrusted() != row.trusted || told.GetRevocation() != row.want || (told.GetBecause() == "") != row.trusted {
					t.Errorf("%v", told)
				}
			})
		}
	})
}

// TestExplainRefusal: from the interaction id that a client got, what was refused
// and by which clause; and to nobody who may not act for the issuer.
func TestExplainRefusal(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		o := of.operated(t)
		id := uuid.NewString()
		_, err := o.tryRegisterIn(id, document(set("redirect_uris", []string{"http://client.example/cb"})))
		if err == nil {
			t.Fatal("registered")
		}
		o.register() // it waits for the trail, and all before it is written
		explain := func(api adminv1.AdminServiceClient, id string) []*adminv1.Refusal {
			t.Helper()
			answer, err := api.ExplainRefusal(o.context(), &adminv1.ExplainRefusalRequest{InteractionId: id})
			if err != nil || answer.GetFolder() != o.folder || answer.GetPartial() {
				t.Fatalf("%v, %v", answer, err)
			}
			return answer.GetRefusals()
		}
		found := explain(o.reader, id)
		if len(found) != 1 || found[0].GetError() != oauth.CodeInvalidRedirectURI || found[0].GetService() != "clientreg" ||
			len(found[0].GetRule().GetSentences()) == 0 || !strings.HasPrefix(found[0].GetLine(), "clientreg.a number ") {
			t.Errorf("%v", found)
		}
		if found := explain(o.bound, id); len(found) != 0 {
			t.Errorf("another issuer's operator sees %v", found)
		}
		if found := explain(o.reader, uuid.NewString()); len(found) != 0 {
			t.Errorf("of nothing: %v", found)
		}
		for _, bad := range []string{"", "x", strings.ToUpper(id), "{" + id + "}", id + " "} {
			_, err := o.reader.ExplainRefusal(o.context(), &adminv1.ExplainRefusalRequest{InteractionId: bad})
			wantCode(t, err, codes.InvalidArgument)
		}
	})
}
