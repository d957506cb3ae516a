package telemetry

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.yaml.in/yaml/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

var metricName = regexp.MustCompile(`strongroom_[a-z_]+`)

// watched is a process that has all there is to tell of, before its first call.
func watched(t *testing.T) *Telemetry {
	t.Helper()
	told, err := Open(context.Background(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "keys", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	t.Cleanup(func() { _ = client.Close() })
	told.WatchSQL(rpc.Keys, db)
	told.WatchRedis(rpc.Keys, client)
	told.WatchClock(rpc.Keys)(time.Second)
	told.WatchSweeps(rpc.Token, nil)
	told.WatchAudit(rpc.Keys, nil)
	told.WatchKeys(func() []KeyAge { return []KeyAge{{Issuer: "bank"}} })
	told.WatchAdmission("new", func() Admission { return Admission{} })
	told.Of(rpc.Keys)
	return told
}

// everything is what such a process tells when calls were made, as it is scraped.
func everything(t *testing.T) string {
	t.Helper()
	told := watched(t)
	refusal := rpc.Refusal{Code: "invalid_grant", Rule: "SP2-29"}
	told.WatchAdmission("continuing", func() Admission { return Admission{} })(time.Second)
	_, done := told.Of(rpc.Keys).Request(t.Context(), "/{issuer}/token", "POST", "")
	ctx, end := told.Of(rpc.Keys).Begin(t.Context(), "/strongroom.keys.v1.KeysService/Sign", &keysv1.SignRequest{Algorithm: "ES256"})
	told.Of(rpc.Keys).Refused(ctx, refusal)
	end(&refusal)
	_, end = told.Of(rpc.Keys).Begin(t.Context(), "/strongroom.keys.v1.KeysService/Sign", &keysv1.SignRequest{Algorithm: "ES256"})
	end(nil)
	done(503)
	return scrape(t, told)
}

// text is a file of the repository.
func text(t *testing.T, path ...string) string {
	t.Helper()
	read, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}

// TestDashboardsAndAlertsNameMetricsThatExist: an alarm on a metric that nobody
// has never rings.
func TestDashboardsAndAlertsNameMetricsThatExist(t *testing.T) {
	exist := map[string]bool{}
	for _, name := range metricName.FindAllString(everything(t), -1) {
		exist[name] = true
	}
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		names := metricName.FindAllString(text(t, "deploy", "observability", file), -1)
		if len(names) < 8 {
			t.Errorf("%s names only %v", file, names)
		}
		for _, name := range names {
			if !exist[name] {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
}

// typed is a metric as it is announced to Prometheus.
var typed = regexp.MustCompile(`(?m)^# TYPE (strongroom_[a-z_]+) `)

// TestEveryMetricIsOnTheDashboard: what is measured and never shown helps nobody.
func TestEveryMetricIsOnTheDashboard(t *testing.T) {
	dashboard := text(t, "deploy", "observability", "dashboard.json")
	for _, metric := range typed.FindAllStringSubmatch(everything(t), -1) {
		if !regexp.MustCompile(metric[1] + `(_bucket|_count|_sum)?\b`).MatchString(dashboard) {
			t.Errorf("%s is on no panel", metric[1])
		}
	}
}

// alarm is a rule of alerts.yaml.
type alarm struct{ Alert, Expr string }

// alarms are all rules.
func alarms(t *testing.T) (rules []alarm) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alarm } }
	if err := yaml.Unmarshal([]byte(text(t, "deploy", "observability", "alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		rules = append(rules, group.Rules...)
	}
	return rules
}

// atOnce is a rule that rings at the first of what it counts: the metric, and which of
// its labels are meant.
var atOnce = regexp.MustCompile(`(?:rate|increase)\((strongroom_[a-z_]+)(?:\{([^}]*)\})?\[[^/]*? > 0(?: or\b|$)`)

// TestAlarmsAtOnceSeeTheFirst: Prometheus sees a count grow, and nothing in one that
// begins at one.
func TestAlarmsAtOnceSeeTheFirst(t *testing.T) {
	before, rules := scrape(t, watched(t)), 0
	for _, rule := range alarms(t) {
		of := atOnce.FindStringSubmatch(rule.Expr)
		if of == nil {
			continue
		}
		rules++
		if !regexp.MustCompile(`(?m)^` + of[1] + `(\{[^}\n]*` + of[2] + `[^}\n]*\})? 0$`).MatchString(before) {
			t.Errorf("%s does not begin at zero: %s", rule.Alert, rule.Expr)
		}
	}
	if rules < 5 {
		t.Errorf("only %d rules ring at once", rules)
	}
}

// alertRow is a row of the table of alarms: its name, what it means, what to do.
var alertRow = regexp.MustCompile(`(?m)^\| (Strongroom[A-Za-z]+) \|([^|]+)\|([^|]+)\|$`)

// TestEveryAlarmIsExplained: whoever is woken finds what it means and what to do; and
// what is explained can ring, on a metric of the suite.
func TestEveryAlarmIsExplained(t *testing.T) {
	explained := map[string]bool{}
	for _, row := range alertRow.FindAllStringSubmatch(text(t, "docs", "operations.md"), -1) {
		explained[row[1]] = strings.TrimSpace(row[2]) != "" && strings.TrimSpace(row[3]) != ""
	}
	rules := alarms(t)
	for _, rule := range rules {
		if !explained[rule.Alert] {
			t.Errorf("docs/operations.md does not say what %s means and what to do", rule.Alert)
		}
		if !metricName.MatchString(rule.Expr) && !strings.HasPrefix(rule.Expr, "up{") { // up is Prometheus's own
			t.Errorf("%s rings on no metric of the suite: %s", rule.Alert, rule.Expr)
		}
		delete(explained, rule.Alert)
	}
	if len(explained) > 0 || len(rules) == 0 {
		t.Errorf("docs/operations.md explains alarms that are none of %d: %v", len(rules), explained)
	}
}
