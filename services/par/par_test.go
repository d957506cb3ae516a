package par_test

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/par"
)

func TestPush(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		seen := map[string]bool{}
		for range 20 {
			response, err := s.pushForm(t, s.bank, oauth.NewID(), s.form("client-1", s.bank))
			if err != nil {
				t.Fatal(err)
			}
			uri := response.GetRequestUri()
			// PAR-3: 256 random bits behind the URN, and less than 600 seconds.
			if !regexp.MustCompile(`^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}$`).MatchString(uri) || seen[uri] {
				t.Errorf("request_uri %q, seen before %t", uri, seen[uri])
			}
			if response.GetExpiresIn() != 60 || response.GetDpopNonce() != "" {
				t.Errorf("%v", response)
			}
			seen[uri] = true
		}
	})
}

// TestPushRefuses: what is refused, by which rule, and in which order (PAR-2).
func TestPushRefuses(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		for _, row := range []struct {
			name       string
			credential string
			params     map[string]string
			code, rule string
		}{
			{"wrong credentials", "guess", nil, oauth.CodeInvalidClient, "CA-1"},
			{"wrong credentials and a bad request: the client first", "guess", map[string]string{"request_uri": "urn:x"}, oauth.CodeInvalidClient, "CA-1"},
			{"request_uri (BAD-43)", "proof", map[string]string{"request_uri": "urn:x"}, oauth.CodeInvalidRequest, "PAR-2"},
			{"a scope that the issuer does not serve (BAD-61)", "proof", map[string]string{"scope": "payments"}, oauth.CodeInvalidScope, "AZ-1"},
			{"another redirect_uri (BAD-77)", "proof", map[string]string{"redirect_uri": "https://good.example.evil.com/cb"}, oauth.CodeInvalidRequest, "BCP-1"},
			{"plain (BAD-48)", "proof", map[string]string{"code_challenge_method": "plain"}, oauth.CodeInvalidRequest, "SP2-25"},
		} {
			t.Run(row.name, func(t *testing.T) {
				form := s.form("client-1", s.bank)
				form.Credentials.ClientAssertion = row.credential
				form.Params = params(row.params)
				response, err := s.pushForm(t, s.bank, oauth.NewID(), form)
				wantRefused(t, err, row.code, row.rule)
				if response.GetRequestUri() != "" {
					t.Errorf("a request_uri came with it: %v", response)
				}
			})
		}
	})
}

// TestResolve: the request comes back verbatim to the client that pushed it, and
// without credentials; whatever else is asked for gets one and the same answer.
func TestResolve(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		form := s.form("client-1", s.bank)
		form.Params = params(map[string]string{"state": strings.Repeat(`s"\ `, 300), "nonce": strings.Repeat("n", 384), "unknown": "x"}) // BAD-62
		response, err := s.pushForm(t, s.bank, oauth.NewID(), form)
		if err != nil {
			t.Fatal(err)
		}
		uri := response.GetRequestUri()
		for range 2 { // BAD-73: a page is loaded twice
			got, err := s.resolve(t, s.bank, "client-1", uri)
			if err != nil || !maps.Equal(got, form.GetParams()) {
				t.Errorf("%v, %v", got, err)
			}
		}
		var answers []string
		for _, row := range []struct{ name, issuer, client, uri string }{
			{"another client (BAD-71)", s.bank, "client-2", uri},
			{"no client", s.bank, "", uri},
			{"unknown (BAD-72)", s.bank, "client-1", oauth.RequestURIPrefix + oauth.NewSecret()},
			{"empty", s.bank, "client-1", ""},
			{"the prefix alone", s.bank, "client-1", oauth.RequestURIPrefix},
			{"without the prefix", s.bank, "client-1", strings.TrimPrefix(uri, oauth.RequestURIPrefix)},
			{"something behind", s.bank, "client-1", uri + "x"},
			{"another issuer (BAD-38)", s.other, "client-1", uri},
		} {
			got, err := s.resolve(t, row.issuer, row.client, row.uri)
			refusal := wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5")
			if len(got) != 0 {
				t.Errorf("%s: answered %v", row.name, got)
			}
			answers = append(answers, refusal.Description)
		}
		for _, answer := range answers {
			if answer != answers[0] {
				t.Errorf("the answers differ: %q and %q", answer, answers[0])
			}
		}
	})
}

// TestRequestExpires: the record's own time decides (BAD-72, SP2-32).
func TestRequestExpires(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		uri := s.push(t)
		s.clock.Advance(time.Minute - time.Millisecond)
		if _, err := s.resolve(t, s.bank, "client-1", uri); err != nil {
			t.Errorf("before its time: %v", err)
		}
		s.clock.Advance(time.Millisecond)
		_, err := s.resolve(t, s.bank, "client-1", uri)
		wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5")
	})
}

// TestConsume: a request_uri is burnt by one attempt, and from then on nobody
// can begin with it (SP2-35, BAD-72).
func TestConsume(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		uri := s.push(t)
		if err := s.consume(t, s.bank, "attempt-1", uri); err != nil {
			t.Fatal(err)
		}
		_, err := s.resolve(t, s.bank, "client-1", uri)
		wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5")
		if err := s.consume(t, s.bank, "attempt-1", uri); err != nil {
			t.Errorf("the same attempt after a lost reply: %v", err)
		}
		wantRefused(t, s.consume(t, s.bank, "attempt-2", uri), oauth.CodeInvalidRequestURI, "PAR-5")
		wantRefused(t, s.consume(t, s.bank, "attempt-3", "https://good.example/request"), oauth.CodeInvalidRequestURI, "PAR-5")
	})
}

// TestConsumeNeedsNoRecord: a user may take longer than the request_uri lives.
func TestConsumeNeedsNoRecord(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		uri := s.push(t)
		s.clock.Advance(5 * time.Minute)
		if err := s.consume(t, s.bank, "attempt-1", uri); err != nil {
			t.Errorf("after its time: %v", err)
		}
		wantRefused(t, s.consume(t, s.bank, "attempt-2", uri), oauth.CodeInvalidRequestURI, "PAR-5")
	})
}

func TestConsumeAtAnotherIssuerBurnsNothingHere(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		uri := s.push(t)
		_ = s.consume(t, s.other, "attempt-1", uri)
		if _, err := s.resolve(t, s.bank, "client-1", uri); err != nil {
			t.Errorf("it is burnt here (BAD-38): %v", err)
		}
	})
}

func TestTooManyPushes(t *testing.T) {
	each(t, par.Config{PushesPerMinute: new(2)}, func(t *testing.T, s *suite) {
		s.push(t)
		s.push(t)
		_, err := s.pushForm(t, s.bank, oauth.NewID(), s.form("client-1", s.bank))
		if refusal := wantRefused(t, err, oauth.CodeInvalidRequest, "PAR-4"); refusal.HTTPStatus() != 429 || refusal.RetryAfter <= 0 {
			t.Errorf("%+v", refusal)
		}
		if _, err := s.pushForm(t, s.bank, oauth.NewID(), s.form("client-2", s.bank)); err != nil {
			t.Errorf("another client: %v", err)
		}
		s.clock.Advance(time.Minute)
		s.push(t)
	})
	each(t, par.Config{PushesPerMinute: new(0)}, func(t *testing.T, s *suite) {
		for range 50 {
			s.push(t)
		}
	})
}

// TestProofBindsTheCode: a proof at PAR binds as dpop_jkt does (DPOP-8).
func TestProofBindsTheCode(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		key := newKey(t)
		for _, row := range []struct {
			name   string
			params map[string]string
			proof  string
			want   string // dpop_jkt of the kept request
			code   string
		}{
			{"a proof", nil, s.proof(t, key, s.bank, ""), thumbprint(t, key), ""},
			{"dpop_jkt", map[string]string{"dpop_jkt": thumbprint(t, key)}, "", thumbprint(t, key), ""},
			{"both, of one key", map[string]string{"dpop_jkt": thumbprint(t, key)}, s.proof(t, key, s.bank, ""), thumbprint(t, key), ""},
			{"both, of two keys (BAD-64)", map[string]string{"dpop_jkt": thumbprint(t, newKey(t))}, s.proof(t, key, s.bank, ""), "", oauth.CodeInvalidDPoPProof},
			{"a proof for another issuer", nil, s.proof(t, key, s.other, ""), "", oauth.CodeInvalidDPoPProof},
			{"no proof at all", nil, "nonsense", "", oauth.CodeInvalidDPoPProof},
		} {
			t.Run(row.name, func(t *testing.T) {
				form := s.form("client-1", s.bank)
				form.Params, form.DpopProof = params(row.params), row.proof
				response, err := s.pushForm(t, s.bank, oauth.NewID(), form)
				if row.code != "" {
					wantRefused(t, err, row.code, "")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.resolve(t, s.bank, "client-1", response.GetRequestUri())
				if err != nil || got["dpop_jkt"] != row.want {
					t.Errorf("the request is bound to %q, %v", got["dpop_jkt"], err)
				}
			})
		}
	})
}

func TestProofIsUsedOnce(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		form := s.form("client-1", s.bank)
		form.DpopProof = s.proof(t, newKey(t), s.bank, "")
		for _, step := range []struct {
			attempt string
			ok      bool
		}{{"attempt-1", true}, {"attempt-1", true}, {"attempt-2", false}} {
			_, err := s.pushForm(t, s.bank, step.attempt, form)
			if step.ok && err != nil {
				t.Errorf("%s: %v", step.attempt, err)
			}
			if !step.ok {
				wantRefused(t, err, oauth.CodeInvalidDPoPProof, "DPOP-4")
			}
		}
	})
}

// TestNonce: where nonces are demanded, a proof without one is answered with a
// fresh one and burns nothing (DPOP-11, BAD-140).
func TestNonce(t *testing.T) {
	each(t, par.Config{}, func(t *testing.T, s *suite) {
		key := newKey(t)
		form := s.form("client-1", s.other)
		form.DpopProof = s.proof(t, key, s.other, "")
		_, err := s.pushForm(t, s.other, "attempt-1", form)
		refusal := wantRefused(t, err, oauth.CodeUseDPoPNonce, "DPOP-6")
		if refusal.Nonce == "" {
			t.Fatal("no nonce came with it")
		}
		form.DpopProof = s.proof(t, key, s.other, refusal.Nonce)
		response, err := s.pushForm(t, s.other, "attempt-2", form)
		if err != nil || response.GetDpopNonce() == "" {
			t.Errorf("with the nonce: %v, %v", response, err)
		}
		form.DpopProof = s.proof(t, key, s.other, "made up")
		_, err = s.pushForm(t, s.other, "attempt-3", form)
		wantRefused(t, err, oauth.CodeUseDPoPNonce, "DPOP-6")
		if _, err := s.pushForm(t, s.other, "attempt-4", s.form("client-1", s.other)); err != nil {
			t.Errorf("without a proof nobody asks for a nonce: %v", err)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	service := par.New(par.Config{}, par.Deps{Redis: storetest.OpenRedis(t, storetest.Embedded(t)), Clock: clock.System, Log: slog.New(slog.DiscardHandler)})
	if err := service.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestProcessConfig(t *testing.T) {
	err := new(par.ProcessConfig).Validate()
	if err == nil || !strings.Contains(err.Error(), "issuers is required") || !strings.Contains(err.Error(), "redis.url") {
		t.Errorf("an empty configuration: %v", err)
	}
}
