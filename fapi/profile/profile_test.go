package profile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestRulesAreDocumented: the table is the documentation of the requirements, so
// each row must say what it is.
func TestRulesAreDocumented(t *testing.T) {
	stages := []Stage{Register, Push, Begin, Exchange}
	for _, p := range all {
		seen := map[string]bool{}
		for _, rule := range p.Rules {
			name := p.Name + " " + string(rule.Stage) + " " + key(rule)
			if rule.ID == "" || rule.Source == "" || rule.Text == "" || rule.Holds == nil || !slices.Contains(stages, rule.Stage) {
				t.Errorf("%s lacks something: %+v", name, rule)
			}
			if strings.Contains(rule.Text, ". ") || strings.HasSuffix(rule.Text, ".") {
				t.Errorf("%s is not one sentence", name)
			}
			if rule.Fail == nil || rule.Fail.Code == "" || rule.Fail.Description == "" || strings.Contains(rule.Fail.Description, "?") {
				t.Errorf("%s: its error says nothing that a client could read: %v", name, rule.Fail)
			}
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
	}
}

// TestCheckAnswersTheFirst: the order of the table is the order of the checks.
func TestCheckAnswersTheFirst(t *testing.T) {
	fails := func(Facts) bool { return false }
	p := &Profile{Rules: []Rule{
		{ID: "A", Stage: Begin, Holds: fails, Fail: oauth.InvalidRequest("a")},
		{ID: "B", Stage: Push, Holds: func(Facts) bool { return true }, Fail: oauth.InvalidRequest("b")},
		{ID: "C", Stage: Push, Holds: fails, Fail: oauth.InvalidScope("c")},
		{ID: "D", Stage: Push, Holds: fails, Fail: oauth.InvalidRequest("d")},
	}}
	refusal, ok := oauth.AsError(p.Check(Push, Facts{}))
	if !ok || refusal.Rule != "C" || refusal.Code != oauth.CodeInvalidScope {
		t.Errorf("refused by %v", refusal)
	}
	if p.Rules[2].Fail.Rule != "" {
		t.Error("the table was changed")
	}
	if err := p.Check(Exchange, Facts{}); err != nil {
		t.Errorf("a stage without rules refuses: %v", err)
	}
}

func TestRulesSeeTheirProfile(t *testing.T) {
	var seen *Profile
	p := &Profile{Rules: []Rule{{Stage: Begin, Holds: func(f Facts) bool { seen = f.Profile; return true }}}}
	if err := p.Check(Begin, Facts{Profile: FAPI2Security}); err != nil || seen != p {
		t.Errorf("%v, %v", seen, err)
	}
}

func TestByName(t *testing.T) {
	for _, want := range all {
		if got, err := ByName(want.Name); err != nil || got != want {
			t.Errorf("%s: %v, %v", want.Name, got, err)
		}
	}
	for _, name := range []string{"", "fapi2", "FAPI2-SECURITY", "fapi2-security "} {
		_, err := ByName(name)
		if err == nil {
			t.Errorf("%q is a profile", name)
			continue
		}
		for _, known := range all {
			if !strings.Contains(err.Error(), known.Name) {
				t.Errorf("%q: the error does not name %s: %v", name, known.Name, err)
			}
		}
	}
}

// TestNoProfileIsLooserThanFAPI2 is SP2-39 for the numbers and lists: a profile
// may narrow the FAPI 2.0 Security Profile, never relax it.
func TestNoProfileIsLooserThanFAPI2(t *testing.T) {
	for _, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			l := p.Limits
			for name, row := range map[string]struct{ value, least, most time.Duration }{
				"request_uri (SP2-32)":                       {l.RequestURILifetime, time.Second, 599 * time.Second},
				"code (SP2-11)":                              {l.CodeLifetime, time.Second, 60 * time.Second},
				"clock tolerance, 10 to 60 seconds (SP2-13)": {l.ClockTolerance, 10 * time.Second, 60 * time.Second},
			} {
				if row.value < row.least || row.value > row.most {
					t.Errorf("%s: %s", name, row.value)
				}
			}
			if l.NonceLength < 64 {
				t.Errorf("nonces of 64 characters must pass (SP2-34), not %d", l.NonceLength)
			}
			if l.StateLength < 1000 {
				t.Errorf("states of 1000 characters are common (SP2-36), not %d", l.StateLength)
			}
			for _, algorithm := range p.SigningAlgorithms {
				if !slices.Contains([]jose.Algorithm{jose.PS256, jose.ES256, jose.EdDSA}, algorithm) {
					t.Errorf("%s is none of CRY-1", algorithm)
				}
			}
			for _, method := range p.AuthMethods {
				if !slices.Contains([]string{oauth.AuthPrivateKeyJWT, oauth.AuthTLSClient, oauth.AuthSelfSignedTLSClient}, method) {
					t.Errorf("%s is none of SP2-6", method)
				}
			}
			if slices.Contains(p.GrantTypes, "password") || slices.Contains(p.GrantTypes, "implicit") {
				t.Errorf("grant types are %v (SP2-2)", p.GrantTypes)
			}
			if !slices.Equal(p.ResponseTypes, []string{oauth.ResponseTypeCode}) {
				t.Errorf("response types are %v (SP2-21)", p.ResponseTypes)
			}
		})
	}
}
