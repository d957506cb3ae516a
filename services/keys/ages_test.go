package keys

import (
	"database/sql"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// TestAgesTellOfAnOverdueRotation: of each use, in whole seconds; below zero when
// nobody publishes the next key in time, and far above again when somebody does.
func TestAgesTellOfAnOverdueRotation(t *testing.T) {
	const every, lead = 90 * 24 * time.Hour, time.Hour
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		clk, service := serviceAt(t, db, setOf(t, issuerOf("bank", jose.ES256, jose.EdDSA)))
		for _, step := range []struct {
			name     string
			at       time.Duration // since the start
			rotates  bool
			age, due time.Duration
		}{
			{"a new key", 0, false, 0, every - lead},
			{"the next one is due", every - lead, false, every - lead, 0},
			{"and overdue", every - lead + 10*time.Minute, false, every - lead + 10*time.Minute, -10 * time.Minute},
			{"it is published late, and waits", every - lead + 10*time.Minute, true, every - lead + 10*time.Minute, every},
			{"it took over", every + 10*time.Minute + time.Second, true, time.Second, every - lead - time.Second},
		} {
			clk.Advance(start.Add(step.at).Sub(clk.Now()))
			if step.rotates {
				again(t, service)
			}
			if service.Rotates() != step.rotates {
				t.Errorf("%s: the lease is held: %t", step.name, !step.rotates)
			}
			collector := told(t, service)
			for _, of := range []string{"{alg=ES256,issuer=bank,purpose=access_token}", "{alg=EdDSA,issuer=bank,purpose=id_token}"} {
				for name, want := range map[string]time.Duration{"strongroom.keys.age.seconds": step.age, "strongroom.keys.rotation.seconds": step.due} {
					if value, ok := collector.Metric(name + of); !ok || value != want.Seconds() {
						t.Errorf("%s: %s%s is %v, want %v (%v)", step.name, name, of, value, want.Seconds(), collector.Metrics())
					}
				}
			}
		}
	})
}

// told is what an operator's collector gets to know of the service.
func told(t *testing.T, s *Service) *telemetrytest.Collector {
	t.Helper()
	collector, err := telemetrytest.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer collector.Close()
	tells, err := telemetry.Open(t.Context(), telemetry.Config{Metrics: telemetry.Metrics{Endpoint: collector.Address, Insecure: true}}, "keys", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	tells.WatchKeys(s.Ages)
	tells.WatchLease(rpc.Keys, Rotating, s.Rotates)
	if err := tells.Close(); err != nil {
		t.Fatal(err)
	}
	held := fmt.Sprintf("strongroom.lease.held{lease=%s,service=keys}", Rotating)
	if value, ok := collector.Metric(held); !ok || (value == 1) != s.Rotates() {
		t.Errorf("%s is %v", held, value)
	}
	return collector
}

// TestWhenASuccessorIsDue: also before its time, for two reasons.
func TestWhenASuccessorIsDue(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		_, service := serviceAt(t, db, quick(t))
		rotation := service.rotation
		old := start.Add(-time.Hour)
		for _, row := range []struct {
			name string
			last store.Record
			want time.Time
		}{
			{"it is the lead before its time", store.Record{Backend: "software", Begins: old}, old.Add(rotation.Every - rotation.Lead)},
			{"another backend makes keys since this start", store.Record{Backend: "pkcs11", Begins: old}, start},
			{"but what waits may begin first", store.Record{Backend: "pkcs11", Begins: start.Add(time.Hour)}, start.Add(time.Hour)},
			{"it was withdrawn before it began", store.Record{Backend: "software", Begins: start.Add(time.Hour), Withdrawn: old}, old},
		} {
			if got := service.dueAt(row.last); !got.Equal(row.want) {
				t.Errorf("%s: due at %s, want %s", row.name, got, row.want)
			}
		}
	})
}
