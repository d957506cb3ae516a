//go:build e2e

package faults

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestRestore: the database is destroyed, and restored from a base backup, that was made
// under load, and the archive of the WAL, to the moment before something was revoked, as
// docs/operations.md tells. All that was acknowledged until then is there, and signed
// with the same keys. What was revoked later is revoked again from the audit trail.
func TestRestore(t *testing.T) {
	postgres := rig.NewArchivingPostgres(t)
	fleet := newFleet(t, rig.Special{SQL: postgres.DSN}, false)
	d := newDrill(t, fleet)
	finish := d.load(t)
	d.awaitLoad(t, 2*workers, 8)
	backup := postgres.Backup(t)
	d.awaitMore(t, 2*workers) // what only the WAL knows
	finish()

	ends := d.toEnd(t)
	keys := keySet(t, d)
	restored := time.Now()
	ends.end(t, d)
	ends.are(t, d, http.StatusBadRequest, http.StatusUnauthorized)

	postgres.Archive(t)
	postgres.Destroy(t)
	postgres.Restore(t, backup, restored)
	for _, replica := range fleet.Replicas { // they have in memory what is newer
		if err := replica.Stop(); err != nil {
			t.Errorf("%s ended: %v", replica.Name, err)
		}
		if err := replica.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if now := keySet(t, d); now != keys {
		t.Errorf("keys are %s, and were %s", now, keys)
	}
	fleet.Send(t, ends.bearer()).Is(t, http.StatusOK) // signed before
	d.nothingIsLost(t)
	ends.are(t, d, http.StatusOK, http.StatusOK) // it was forgotten that they had ended

	ends.endAgain(t, d, restored)
	ends.are(t, d, http.StatusBadRequest, http.StatusUnauthorized)
	d.flow(d.clients[0], false) // and who did not end goes on
	d.replayAll()
	d.report(t)
}

// keySet is what resource servers verify by.
func keySet(t *testing.T, d *drill) string {
	t.Helper()
	return string(d.fleet.Send(t, rig.Get(d.fleet.Metadata(rig.FAPI2).JWKSURI)).Is(t, http.StatusOK).Body)
}

// ending are what is ended after the moment that is restored.
type ending struct {
	revoked, withdrawn held
	grant              granted
	suspended          *rig.Client
	accessToken        string
}

// toEnd makes what will be ended.
func (d *drill) toEnd(t *testing.T) *ending {
	t.Helper()
	client := d.clients[0]
	for range 2 {
		d.flow(client, false) // alone: the last of each list belong together
	}
	if len(d.faults) > 0 {
		t.Fatal(d.faults)
	}
	last := len(d.held) - 1
	e := &ending{revoked: d.held[last-1], withdrawn: d.held[last], grant: d.granted[len(d.granted)-1], suspended: d.fleet.Client(t)}
	d.registered = append(d.registered, e.suspended)
	e.accessToken = d.fleet.Send(t, client.Refresh(e.revoked.refresh)).Is(t, http.StatusOK).Text("access_token")
	return e
}

// bearer shows the access token of a grant that lives.
func (e *ending) bearer() *rig.Request { return e.revoked.client.Userinfo(e.accessToken) }

// end ends each in its own way: a client, a user at the bank and an operator do.
func (e *ending) end(t *testing.T, d *drill) {
	t.Helper()
	d.fleet.Send(t, e.revoked.client.Revoke(e.revoked.refresh)).Is(t, http.StatusOK)
	e.suspend(t, d)
	answer, err := d.fleet.WithdrawGrants(t.Context(), rig.FAPI2, e.grant.subject)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("withdraw: %v, %v", err, answer)
	}
}

func (e *ending) suspend(t *testing.T, d *drill) {
	t.Helper()
	admin := d.fleet.OperatorCertificate("admin")
	if status, answer, err := d.fleet.Admin(t, admin, http.MethodPost, "/v1/issuers/"+rig.FAPI2+"/clients/"+url.PathEscape(e.suspended.ID)+"/suspend", ""); err != nil || status != http.StatusOK {
		t.Fatalf("suspend: %d, %v: %v", status, err, answer)
	}
}

// are holds what is answered to what was ended.
func (e *ending) are(t *testing.T, d *drill, refused, suspended int) {
	t.Helper()
	for what, row := range map[string]struct {
		request *rig.Request
		want    int
	}{
		"a refresh token that was revoked": {e.revoked.client.Refresh(e.revoked.refresh), refused},
		"one whose grant was withdrawn":    {e.withdrawn.client.Refresh(e.withdrawn.refresh), refused},
		"a client that was suspended":      {e.suspended.Credentials(), suspended},
	} {
		answer, _ := d.step(what, func(ctx context.Context) (*rig.Response, error) { return d.fleet.Try(ctx, row.request) })
		if answer == nil || answer.StatusCode != row.want {
			t.Errorf("%s is answered %v, want %d", what, answer, row.want)
		}
	}
}

// endAgain does what the audit trail tells to be done.
func (e *ending) endAgain(t *testing.T, d *drill, since time.Time) {
	t.Helper()
	export, err := d.fleet.Audit("export", "--since", since.UTC().Format(time.RFC3339Nano))
	if err != nil {
		t.Fatal(err)
	}
	left := d.fleet.RevokeAgain(t, export)
	if !strings.Contains(left, "client.suspended") || !strings.Contains(left, e.suspended.ID) {
		t.Fatalf("the operator is not told of the suspended client: %s", left)
	}
	e.suspend(t, d)
}
