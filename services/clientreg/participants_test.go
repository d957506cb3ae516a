package clientreg_test

import (
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// eachFollowed is a world whose Brazilian framework publishes its participants.
func eachFollowed(t *testing.T, test func(t *testing.T, w *world, list, host *keyHost)) {
	storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) {
		storetest.EachRedis(t, func(t *testing.T, redis *redisconn.Client) {
			list, host := newKeyHost(t, participants("org-1", "Active", "org-2", "Active")), newKeyHost(t, string(keys()))
			test(t, withFrameworks(t, db, redis, byStatement, func(i *issuer.Issuer) {
				i.TrustFrameworks[0].Participants = &framework.Participants{
					URI: list.URL + "/participants", ID: "OrganisationId", Status: "Status", Active: []string{"Active"}, Interval: 5 * time.Minute, MaxBytes: 512 << 10,
				}
			}), list, host)
		})
	})
}

// participants is a list of pairs of organisation and status.
func participants(pairs ...string) string {
	var entries []string
	for n := 0; n < len(pairs); n += 2 {
		entries = append(entries, `{"OrganisationId":"`+pairs[n]+`","Status":"`+pairs[n+1]+`","more":[1]}`)
	}
	return "[" + strings.Join(entries, ",") + "]"
}

func fetchingFrom(t *testing.T, hosts ...*keyHost) func(*clientreg.Config) {
	return func(c *clientreg.Config) {
		c.Fetch = clientreg.Fetch{Roots: bankCA.file(t)}
		for _, host := range hosts {
			c.Fetch.Allow = append(c.Fetch.Allow, strings.TrimPrefix(host.URL, "https://"))
		}
	}
}

// follower asks the directory, as a replica does by itself at each interval.
func (w *world) follower(hosts ...*keyHost) func() error {
	cfg := clientreg.Config{}
	fetchingFrom(w.t.(*testing.T), hosts...)(&cfg)
	service := must(clientreg.New(cfg, clientreg.Deps{SQL: w.db, Redis: w.redis, Issuers: w.set, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}))
	return func() error { return service.Follow(w.context()) }
}

// TestSuspensionHoldsAtNextUse, on a replica that remembers the client and asked
// the directory nothing; and it ends when the directory lets the participant in
// again. Who was suspended here stays so.
func TestSuspensionHoldsAtNextUse(t *testing.T) {
	eachFollowed(t, func(t *testing.T, w *world, list, host *keyHost) {
		service := w.replica(fetchingFrom(t, list, host))
		follow := w.follower(list, host)
		ofOrg := func(org string) (registered, managing) {
			t.Helper()
			a := w.application(brazil, host, claim("org_id", org))
			a.chain = participant(a.claims)
			client, err := service.apply(a)
			if err != nil {
				t.Fatal(err)
			}
			return client, managing{client.RegistrationAccessToken, client.ClientID, a.chain}
		}
		one, own := ofOrg("org-1")
		other, _ := ofOrg("org-2")
		stranger := service.register()
		stands := func(client registered, want bool) {
			t.Helper()
			_, err := service.authenticate(w.assertion(client.ClientID))
			wantAuthenticated(t, err, want)
			_, err = service.getClient(client.ClientID)
			wantAuthenticated(t, err, want)
		}
		for _, step := range []struct {
			list string
			want bool
		}{
			{participants("org-1", "Active", "org-2", "Active"), true},
			{participants("org-1", "Suspended", "org-2", "Active"), false},
			{participants("org-1", "Active", "org-2", "Active"), true},
			{participants("org-2", "Active"), false}, // no longer in the list at all
			{participants("org-1", "Active", "org-2", "Active", "org-1", "Suspended"), false},
			{participants("org-2", "Active", "org-1", "Active"), true},
		} {
			list.answers.Store(step.list)
			if err := follow(); err != nil {
				t.Fatal(err)
			}
			stands(one, step.want)
			stands(other, true)
			stands(stranger, true)
			if err := service.readWith(own); (err == nil) != step.want {
				t.Errorf("management by a participant that stands %t: %v", step.want, err)
			}
		}
		w.change(other.ClientID, `active = $4`, false)
		if err := follow(); err != nil {
			t.Fatal(err)
		}
		stands(other, false)
	})
}

// TestDirectoryMisbehaves: a directory that is down, lies or rambles suspends
// nobody.
func TestDirectoryMisbehaves(t *testing.T) {
	eachFollowed(t, func(t *testing.T, w *world, list, host *keyHost) {
		service := w.replica(fetchingFrom(t, list, host))
		follow := w.follower(list, host)
		client, err := service.apply(w.application(brazil, host))
		if err != nil {
			t.Fatal(err)
		}
		for name, answer := range map[string]string{
			"empty": "[]", "null": "null", "an object": `{"participants":[]}`, "no JSON": "<html>",
			"an entry without a status": `[{"OrganisationId":"org-2"}]`, "a status that is no text": `[{"OrganisationId":"org-2","Status":1}]`,
			"an entry without a name": `[{"OrganisationId":"","Status":"Active"}]`, "repeated members": `[{"Status":"x","Status":"Active","OrganisationId":"org-2"}]`,
			"huge": participants("org-2", "Active") + strings.Repeat(" ", 512<<10),
		} {
			list.answers.Store(answer)
			if err := follow(); err == nil {
				t.Errorf("%s: was taken", name)
			}
			_, err := service.authenticate(w.assertion(client.ClientID))
			wantAuthenticated(t, err, true)
		}
		list.answers.Store(participants("org-1", "Active") + strings.Repeat(" ", 300<<10))
		if err := follow(); err != nil {
			t.Errorf("longer than a key set may be, as national lists are: %v", err)
		}
		list.down.Store(true)
		if err := follow(); err == nil {
			t.Error("down: was taken")
		}
		_, err = service.authenticate(w.assertion(client.ClientID))
		wantAuthenticated(t, err, true)
		if _, err := service.apply(w.application(brazil, host)); err != nil {
			t.Errorf("the list of before is good for a while: %v", err)
		}
		w.clock.Advance(61 * time.Minute)
		_, err = service.apply(w.application(brazil, host))
		wantRefusal(t, err, oauth.CodeTemporarilyUnavailable, "DCR-3", 503)
	})
}

// TestSuspendedParticipantDoesNotRegister, even where its statement is good.
func TestSuspendedParticipantDoesNotRegister(t *testing.T) {
	eachFollowed(t, func(t *testing.T, w *world, list, host *keyHost) {
		list.answers.Store(participants("org-1", "Suspended"))
		service := w.replica(fetchingFrom(t, list, host))
		for _, org := range []string{"org-1", "org-3"} {
			a := w.application(brazil, host, claim("org_id", org))
			a.chain = participant(a.claims)
			_, err := service.apply(a)
			wantRefusal(t, err, oauth.CodeUnapprovedStatement, "DCR-3", 400)
		}
	})
}

// TestParticipantsAreLimited is THR-11: 1,000 registrations in a burst by one
// participant harm no other one, nor who shares its initial access token.
func TestParticipantsAreLimited(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		limited := func(c *clientreg.Config) {
			host.fetching(t)(c)
			c.RegistrationsPerMinute, c.ParticipantRegistrationsPerMinute = new(5), new(3)
		}
		one, two := w.replica(limited), w.replica(limited)
		// A statement without the certificate is refused cheaply, and counts.
		burst := func(a *application) { a.token, a.chain = clientToken, nil }
		for n := range 1000 {
			_, err := []*replica{one, two}[n%2].apply(w.application(brazil, host, burst))
			if n < 3 {
				wantRefusal(t, err, oauth.CodeInvalidClient, "DCR-2", 401)
			} else {
				wantRefusal(t, err, oauth.CodeInvalidRequest, "THR-11", 429)
			}
			if t.Failed() {
				t.Fatal(n)
			}
		}
		other := w.application(brazil, host, claim("org_id", "org-2"))
		other.token, other.chain = clientToken, participant(other.claims)
		if _, err := one.apply(other); err != nil {
			t.Errorf("another participant with the same token: %v", err)
		}
		if _, err := two.tryRegister(clientToken, document()); err != nil {
			t.Errorf("who has the same token and no statement: %v", err)
		}
		w.clock.Advance(time.Minute)
		if _, err := one.apply(w.application(brazil, host)); err != nil {
			t.Errorf("the next minute: %v", err)
		}
	})
}

// TestFrameworkRotatesItsKeys: a new key is looked for, and a directory that is
// down is not the participant's fault.
func TestFrameworkRotatesItsKeys(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		host, directory := newKeyHost(t, string(keys())), newKeyHost(t, `{"keys":[]}`)
		w := withFrameworks(t, service.db, service.redis, byStatement, func(i *issuer.Issuer) {
			i.TrustFrameworks[0].JWKSFile, i.TrustFrameworks[0].JWKSURI = "", directory.URL+"/jwks"
		})
		fetching := w.replica(fetchingFrom(t, host, directory))
		_, err := fetching.apply(w.application(brazil, host))
		wantRefusal(t, err, oauth.CodeInvalidStatement, "SSA-1", 400)
		directory.answers.Store(string(keys()))
		if _, err := fetching.apply(w.application(brazil, host)); err != nil {
			t.Errorf("after its rotation: %v", err)
		}
		directory.down.Store(true)
		_, err = w.replica(fetchingFrom(t, host, directory)).apply(w.application(brazil, host))
		wantRefusal(t, err, oauth.CodeTemporarilyUnavailable, "SSA-1", 503)
	})
}

// TestUnreachableFrameworkIsToldAtTheStart: what could never be fetched is no
// configuration.
func TestUnreachableFrameworkIsToldAtTheStart(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		w := withFrameworks(t, service.db, service.redis, byStatement, func(i *issuer.Issuer) {
			i.TrustFrameworks[0].JWKSFile, i.TrustFrameworks[0].JWKSURI = "", "https://localhost:9447/jwks"
		})
		_, err := clientreg.New(clientreg.Config{}, clientreg.Deps{SQL: w.db, Redis: w.redis, Issuers: w.set, Clock: w.clock, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), "trust_frameworks[0].jwks_uri") || !strings.Contains(err.Error(), "fetch.allow") {
			t.Errorf("%v", err)
		}
	})
}
