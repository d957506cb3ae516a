//go:build e2e

package telemetry

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// promtool runs Prometheus's own tool in deploy/observability.
func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("promtool is missing: tools/need installs it")
	}
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Dir = filepath.Join("..", "..", "deploy", "observability")
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

// TestPrometheusReadsItsFiles: the rules and the configuration that names them.
func TestPrometheusReadsItsFiles(t *testing.T) {
	promtool(t, "check", "rules", "alerts.yaml")
	promtool(t, "check", "config", "prometheus.yaml")
}

// TestAlarmsRingAndAreSilent: as alerts_test.yaml says of each.
func TestAlarmsRingAndAreSilent(t *testing.T) {
	promtool(t, "test", "rules", "alerts_test.yaml")
}

// trial is a group of alerts_test.yaml.
type trial struct {
	Name  string
	Input []struct{ Series string } `yaml:"input_series"`
	Tests []struct {
		Alertname string
		Rings     []any `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

// TestEveryAlarmIsTried: that it rings, and that it is silent though what it looks at
// is there.
func TestEveryAlarmIsTried(t *testing.T) {
	var file struct{ Tests []trial }
	if err := yaml.Unmarshal([]byte(text(t, "deploy", "observability", "alerts_test.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	rings, silent := map[string]bool{}, map[string]bool{}
	for _, group := range file.Tests {
		for _, test := range group.Tests {
			if len(test.Rings) > 0 {
				rings[test.Alertname] = true
			} else if looksAt(group, expr(t, test.Alertname)) {
				silent[test.Alertname] = true
			}
		}
	}
	for _, rule := range alarms(t) {
		if !rings[rule.Alert] || !silent[rule.Alert] {
			t.Errorf("%s is not tried: it rings %v, is silent %v", rule.Alert, rings[rule.Alert], silent[rule.Alert])
		}
	}
}

// expr is the rule of an alarm.
func expr(t *testing.T, alert string) string {
	t.Helper()
	for _, rule := range alarms(t) {
		if rule.Alert == alert {
			return rule.Expr
		}
	}
	t.Errorf("alerts_test.yaml tries %s, which is no alarm", alert)
	return ""
}

// series is what a rule looks at: a metric of the suite, or Prometheus's own.
var series = regexp.MustCompile(`strongroom_[a-z_]+|\bup\b`)

// looksAt tells whether a group has each series of a rule.
func looksAt(group trial, expr string) bool {
	var given strings.Builder
	for _, input := range group.Input {
		given.WriteString(input.Series + "\n")
	}
	for _, name := range series.FindAllString(expr, -1) {
		if !strings.Contains(given.String(), name+"{") {
			return false
		}
	}
	return expr != ""
}

// TestPrometheusReadsTheDashboard: each expression of each panel, as a rule of its own.
func TestPrometheusReadsTheDashboard(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(text(t, "deploy", "observability", "dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	type rule struct{ Record, Expr string }
	var rules []rule
	for n, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for m, target := range panel.Targets {
			rules = append(rules, rule{fmt.Sprintf("panel_%d_%d", n, m), target.Expr})
		}
	}
	written, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yaml")
	if err := os.WriteFile(file, written, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}
