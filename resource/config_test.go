package resource

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
)

func TestConfigRefused(t *testing.T) {
	asks := asResourceServer
	good := Config{Issuer: "https://as.example/fapi2", Resource: accountsAPI, Mode: Offline}
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"as it should be", func(*Config) {}, ""},
		{"issuer is missing", func(c *Config) { c.Issuer = "" }, "issuer must"},
		{"issuer over http", func(c *Config) { c.Issuer = "http://as.example" }, "issuer must"},
		{"issuer with a query", func(c *Config) { c.Issuer += "?a=b" }, "issuer must"},
		{"issuer with a fragment", func(c *Config) { c.Issuer += "#a" }, "issuer must"},
		{"issuer with a user", func(c *Config) { c.Issuer = "https://me@as.example" }, "issuer must"},
		{"resource is missing", func(c *Config) { c.Resource = "" }, "resource must"},
		{"resource is relative", func(c *Config) { c.Resource = "/accounts" }, "resource must"},
		{"resource with a quote", func(c *Config) { c.Resource += `"` }, "resource must"},
		{"resource as a URN", func(c *Config) { c.Resource = "urn:bank:accounts" }, ""},
		{"mode is missing", func(c *Config) { c.Mode = "" }, "mode must"},
		{"mode is unknown", func(c *Config) { c.Mode = "lax" }, "mode must"},
		{"base_url", func(c *Config) { c.BaseURL = "https://api.example:8443/v1/" }, ""},
		{"DPOP-5 base_url over http", func(c *Config) { c.BaseURL = "http://api.example" }, "base_url must"},
		{"base_url with a query", func(c *Config) { c.BaseURL = "https://api.example?a" }, "base_url must"},
		{"base_url without a host", func(c *Config) { c.BaseURL = "https:///v1" }, "base_url must"},
		{"mode current without an introspector", func(c *Config) { c.Mode = Current }, "needs Deps.Introspect"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := good
			test.change(&config)
			_, err := New(config, Deps{})
			wantText(t, err, test.want)
		})
	}
	t.Run("nonces or replays where DPoP is not taken", func(t *testing.T) {
		_, err := New(good, Deps{Nonces: binding.NewNonces([]byte("key"), "rs")})
		wantText(t, err, "need base_url")
		_, err = New(good, Deps{Replays: NewReplays(1, nil)})
		wantText(t, err, "need base_url")
	})
	t.Run("RS2-6 introspector of another issuer", func(t *testing.T) {
		b := newBank(t, Current, asks)
		_, err := New(good, Deps{Introspect: asks(b)})
		wantText(t, err, "another issuer")
	})
}

func TestIntrospectorConfigRefused(t *testing.T) {
	good := IntrospectorConfig{Issuer: "https://as.example", ClientID: "rs-1"}
	key := IntrospectorDeps{Key: newECKey(t), Log: slog.New(slog.DiscardHandler)}
	_, err := NewIntrospector(good, key)
	wantText(t, err, "")
	_, err = NewIntrospector(good, IntrospectorDeps{})
	wantText(t, err, "needs client_id and a key")
	_, err = NewIntrospector(IntrospectorConfig{Issuer: good.Issuer}, key)
	wantText(t, err, "needs client_id and a key")
	_, err = NewIntrospector(IntrospectorConfig{Issuer: "http://as.example", ClientID: "rs-1"}, key)
	wantText(t, err, "issuer must")
	_, err = NewIntrospector(IntrospectorConfig{Issuer: good.Issuer, ClientID: "rs-1", KeyID: "é"}, key)
	wantText(t, err, "kid")
}

func wantText(t *testing.T, err error, part string) {
	t.Helper()
	if part == "" && err != nil || part != "" && (err == nil || !strings.Contains(err.Error(), part)) {
		t.Errorf("error is %v, want %q", err, part)
	}
}

func TestRequireRefusesWhatIsNoScope(t *testing.T) {
	b := newBank(t, Offline, nil)
	for _, scope := range []string{"", "two scopes", `quo"te`, "line\nbreak"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Require(%q) did not panic", scope)
				}
			}()
			b.verifier.Require(scope)
		}()
	}
}

func TestRefuseTellsNothingOfOtherErrors(t *testing.T) {
	recorder := httptest.NewRecorder()
	Refuse(recorder, errors.New("password is hunter2"))
	if recorder.Code != 500 || strings.Contains(recorder.Body.String(), "hunter2") {
		t.Errorf("answered %d %s", recorder.Code, recorder.Body)
	}
}
