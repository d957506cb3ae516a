package issuer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

func named(name string) Issuer {
	i := sound()
	i.Name, i.Identifier = name, "https://as.example/"+name
	return i
}

func setOf(t *testing.T, issuers ...Issuer) *Set {
	t.Helper()
	set, err := NewSet(issuers...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestSetIsOrderedByName(t *testing.T) {
	set := setOf(t, named("c"), named("a"), named("b"))
	var names []string
	for _, i := range set.All() {
		names = append(names, i.Name)
		if found, ok := set.ByName(i.Name); !ok || found != i {
			t.Errorf("ByName(%s) is %v, %t", i.Name, found, ok)
		}
	}
	if !slices.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("the order is %v", names)
	}
	for _, unknown := range []string{"", "d", "A"} {
		if i, ok := set.ByName(unknown); ok || i != nil {
			t.Errorf("ByName(%q) is %v", unknown, i)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	if _, err := NewSet(); err == nil || !strings.Contains(err.Error(), "no issuer is configured") {
		t.Errorf("an empty set: %v", err)
	}
	if _, err := NewSet(named("a"), named("b"), named("a")); err == nil || !strings.Contains(err.Error(), `"a" is configured twice`) {
		t.Errorf("a name twice: %v", err)
	}
	if _, err := NewSet(named("a"), Issuer{Name: "b"}); err == nil || !strings.Contains(err.Error(), `issuer "b"`) {
		t.Errorf("a fault names no issuer: %v", err)
	}
}

// TestDigest: two processes find out whether they were given the same issuers.
func TestDigest(t *testing.T) {
	base := setOf(t, named("a"), named("b")).Digest()
	written := named("b")
	written.Lifetimes.Code, written.AccessTokenAlgorithm = time.Minute, jose.ES256
	for name, same := range map[string]*Set{
		"the same":                  setOf(t, named("a"), named("b")),
		"in another order":          setOf(t, named("b"), named("a")),
		"with defaults written out": setOf(t, named("a"), written),
	} {
		if same.Digest() != base {
			t.Errorf("%s: the digest differs", name)
		}
	}
	for name, change := range map[string]func(*Issuer){
		"identifier":      func(i *Issuer) { i.Identifier = "https://other.example/b" },
		"mtls_base":       func(i *Issuer) { i.MTLSBase = "https://other.example/b" },
		"interaction_url": func(i *Issuer) { i.InteractionURL = "https://other.example/" },
		"resource":        func(i *Issuer) { i.Resource = "https://other.example/" },
		"scopes":          func(i *Issuer) { i.Scopes = i.Scopes[:1] },
		"a description":   func(i *Issuer) { i.Scopes = []Scope{{Name: "openid", Description: "x"}, i.Scopes[1]} },
		"acr_values":      func(i *Issuer) { i.ACRValues = []string{"x"} },
		"an algorithm":    func(i *Issuer) { i.AccessTokenAlgorithm = jose.PS256 },
		"a lifetime":      func(i *Issuer) { i.Lifetimes.IDToken = time.Minute },
		"a token format":  func(i *Issuer) { i.AccessTokenFormat = FormatOpaque },
		"nonces":          func(i *Issuer) { i.DPoPNonces = true },
	} {
		other := named("b")
		change(&other)
		if setOf(t, named("a"), other).Digest() == base {
			t.Errorf("%s: the digest is the same", name)
		}
	}
	if setOf(t, named("a")).Digest() == base {
		t.Error("one issuer less: the digest is the same")
	}
}

// file is a configuration as people write it.
const file = `# The bank.
name: NAME
issuer: https://as.example/NAME
mtls_base: https://mtls.as.example/NAME
profile: fapi2-security
interaction_url: https://bank.example/login
resource: https://api.bank.example/
scopes:
  - name: openid
    description: Know who you are
  - name: accounts
acr_values: [urn:example:sca]
access_token_alg: PS256
id_token_algs: [EdDSA]
lifetimes:
  request_uri: 90s
  code: 30s
`

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "2.yaml", strings.ReplaceAll(file, "NAME", "a"))
	write(t, folder, "1.yaml", strings.ReplaceAll(file, "NAME", "b"))
	write(t, folder, "README.md", "not an issuer")
	set, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.All()) != 2 || set.All()[0].Name != "a" || set.All()[1].Name != "b" {
		t.Fatalf("%d issuers, the first is %q", len(set.All()), set.All()[0].Name)
	}
	i := set.All()[0]
	if i.Identifier != "https://as.example/a" || i.Lifetimes.RequestURI != 90*time.Second || i.Lifetimes.Code != 30*time.Second ||
		i.Lifetimes.Session != 10*time.Minute || i.AccessTokenAlgorithm != jose.PS256 || i.Scopes[0].Description != "Know who you are" ||
		!slices.Equal(i.ACRValues, []string{"urn:example:sca"}) {
		t.Errorf("%+v", i)
	}
}

func TestLoadRefuses(t *testing.T) {
	sound := strings.ReplaceAll(file, "NAME", "a")
	for _, row := range []struct{ name, text, want string }{
		{"an unknown member", sound + "color: red\n", "color"},
		{"an unknown lifetime", sound + "  nap: 5m\n", "nap"},
		{"a member twice", sound + "name: b\n", "already defined"},
		{"a lifetime without a unit", strings.Replace(sound, "90s", "90", 1), "90"},
		{"a fault", strings.Replace(sound, "code: 30s", "code: 2m", 1), "lifetimes.code"},
		{"no YAML", "\t{", "bank.yaml"},
		{"nothing", "", "bank.yaml"},
		{"two issuers in one file", sound + "---\n" + strings.ReplaceAll(file, "NAME", "b"), "bank.yaml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, folder, "bank.yaml", row.text)
			_, err := Load(folder)
			if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), folder) {
				t.Errorf("the error is %v, want %q and the folder in it", err, row.want)
			}
		})
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("an empty folder is a set")
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing folder is a set")
	}
}
