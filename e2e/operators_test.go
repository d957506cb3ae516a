package e2e

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestOperators: who may call the admin API, in which role, and that nothing
// hostile is more than refused.
func TestOperators(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t)
		admin, reader := s.OperatorCertificate("admin"), s.OperatorCertificate("reader")
		base := "/v1/issuers/" + rig.FAPI2
		own := base + "/clients/" + c.ID
		for why, certificate := range map[string]*tls.Certificate{
			"no certificate": nil,
			"a certificate of the directory's with an operator's name": s.Directory().Issue(rig.Named("admin")),
			"a service's authority with an operator's name":            s.Internal().Issue(rig.Named("admin")),
			"an authority of nobody's":                                 rig.NewAuthority().Issue(rig.Named("admin")),
		} {
			if status, answer, err := s.Admin(t, certificate, http.MethodGet, base+"/clients", ""); err == nil {
				t.Errorf("%s: answered %d: %v", why, status, answer)
			}
		}
		for _, row := range []struct {
			why          string
			as           *tls.Certificate
			method, path string
			body         string
			want         int
		}{
			{"a reader reads", reader, http.MethodGet, own, "", 200},
			{"a reader may not suspend", reader, http.MethodPost, own + "/suspend", "", 403},
			{"a reader may not delete", reader, http.MethodDelete, own, "", 403},
			{"a reader may not register", reader, http.MethodPost, base + "/clients", `{"metadata":"{}"}`, 403},
			{"what is refused by rule", admin, http.MethodPost, base + "/clients", `{"metadata":"{}"}`, 400},
			{"a member that nobody knows", admin, http.MethodPost, base + "/clients", `{"metadata":"{}","force":true}`, 400},
			{"a parameter that nobody knows", reader, http.MethodGet, base + "/clients?force=true", "", 400},
			{"a page token of nobody's", reader, http.MethodGet, base + "/clients?page_token=" + base64.RawURLEncoding.EncodeToString([]byte("0000/client-")), "", 400},
			{"a page token that is no text", reader, http.MethodGet, base + "/clients?page_token=%00%ff", "", 400},
			{"a client of nobody's", admin, http.MethodPost, base + "/clients/client-none/suspend", "", 404},
			{"another issuer's client (BAD-38)", reader, http.MethodGet, "/v1/issuers/" + rig.Nonces + "/clients/" + c.ID, "", 404},
			{"an issuer of nobody's", reader, http.MethodGet, "/v1/issuers/none/clients", "", 403},
			{"a way out of the path", reader, http.MethodGet, base + "/clients/..%2f..%2fissuers", "", 404},
			{"a public endpoint", admin, http.MethodPost, "/" + rig.FAPI2 + "/token", "", 404},
		} {
			if status, answer, err := s.Admin(t, row.as, row.method, row.path, row.body); err != nil || status != row.want {
				t.Errorf("%s: %d, %v, want %d: %v", row.why, status, err, row.want, answer)
			}
		}
		c.Send(t, c.Credentials()).Is(t, http.StatusOK) // after all that it stands as it was
	})
}

// TestOperatorSuspendsAtEveryReplica: what an operator does holds at the client's
// next use, and is in a trail that holds.
func TestOperatorSuspendsAtEveryReplica(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c, other := s.Client(t), s.Client(t)
		uses := [][]rig.Change{{}}
		if s.HasSecondNode() {
			uses = append(uses, []rig.Change{rig.AtSecondNode})
		}
		serves := func(want int) {
			t.Helper()
			for _, at := range uses {
				c.Send(t, c.Credentials(at...)).Is(t, want)
				other.Send(t, other.Credentials(at...)).Is(t, http.StatusOK)
			}
		}
		admin := s.OperatorCertificate("admin")
		path := "/v1/issuers/" + rig.FAPI2 + "/clients/" + c.ID
		does := func(method, path string) {
			t.Helper()
			if status, answer, err := s.Admin(t, admin, method, path, ""); err != nil || status != http.StatusOK {
				t.Fatalf("%s: %d, %v, %v", path, status, answer, err)
			}
		}
		serves(http.StatusOK)
		does(http.MethodPost, path+"/suspend")
		serves(http.StatusUnauthorized)
		does(http.MethodPost, path+"/resume")
		serves(http.StatusOK)
		does(http.MethodDelete, path)
		serves(http.StatusUnauthorized)
		told := exported(t, s, c.ID)
		for _, want := range []string{"client.registered gateway", "client.suspended dns:admin", "client.resumed dns:admin", "client.deleted dns:admin"} {
			if !strings.Contains(told, want) {
				t.Errorf("%q is not in the trail: %s", want, told)
			}
		}
		if out, err := s.Audit("verify"); err != nil || !strings.Contains(out, "clientreg.") {
			t.Errorf("%v: %s", err, out)
		}
	})
}

// exported are kind and actor of what the trails tell of a client.
func exported(t *testing.T, s *rig.Suite, clientID string) string {
	t.Helper()
	out, err := s.Audit("export", "--client", clientID)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(out) {
		var event struct{ Kind, Actor string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		told = append(told, event.Kind+" "+event.Actor)
	}
	return strings.Join(told, "\n")
}

// TestStrongroomctl drives the tool as an operator does.
func TestStrongroomctl(t *testing.T) {
	t.Parallel()
	run := rig.Strongroomctl(t)
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t)
		refused := c.Send(t, c.Credentials(rig.Param("scope", "nobodys"))).Is(t, http.StatusBadRequest).Header.Get("X-Fapi-Interaction-Id")
		waitForTrail(t, s, refused)
		folder := t.TempDir()
		write := func(name, text string) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		good := textOf(t, registrable(rig.ES256Key()).with("client_name", "From the tool"))
		header := write("header", "GET / HTTP/1.1\nClient-Cert: :"+base64Of(c.Certificate.Certificate[0])+":\n\n")
		issuers, err := s.Layout.Issuers()
		if err != nil {
			t.Fatal(err)
		}
		issuerText, err := yaml.Marshal(issuers.All()[0])
		if err != nil {
			t.Fatal(err)
		}
		issuerFile := write("issuer.yaml", string(issuerText))
		directory := []string{"--dir", s.Layout.Dir, "--issuer", rig.FAPI2}
		reader := []string{"--dir", s.Layout.Dir, "--issuer", rig.FAPI2, "--as", "reader"}
		for _, row := range []struct {
			why   string
			flags []string
			args  []string
			in    string
			exit  int
			want  string
		}{
			{"the issuers", reader, []string{"issuers"}, "", 0, "fapi2-nonce"},
			{"the frameworks", reader, []string{"frameworks"}, "", 0, "sandbox"},
			{"the clients", reader, []string{"clients", "--limit", "0"}, "", 0, c.ID},
			{"one client", reader, []string{"show", c.ID}, "", 0, c.RedirectURI},
			{"one client as JSON", reader, []string{"show", c.ID, "--json"}, "", 0, `"serving":`},
			{"nobody's client", reader, []string{"show", "client-none"}, "", 3, "no such client"},
			{"a reader suspends", reader, []string{"suspend", c.ID}, "", 3, "role operator"},
			{"an operator suspends", directory, []string{"suspend", c.ID}, "", 0, "is suspended"},
			{"the suspended ones", reader, []string{"clients", "--suspended", "--limit", "0"}, "", 0, c.ID},
			{"an operator resumes", directory, []string{"resume", c.ID}, "", 0, "is serving"},
			{"deletion without --yes", directory, []string{"delete", c.ID}, "", 2, "--yes"},
			{"registration from standard input", directory, []string{"register", "-"}, good, 0, "registration_access_token"},
			{"registration of what is wrong", directory, []string{"register", "-"}, `{"token_endpoint_auth_method":"none"}`, 3, "["},
			{"a dry run of what is good", reader, []string{"explain", "-"}, good, 0, "nothing is wrong"},
			{"a dry run of what is wrong in two ways", reader, []string{"explain", write("bad.json", textOf(t, registrable(rig.ES256Key()).with("redirect_uris", []string{"http://client.example/cb"}, "subject_type", "pairwise")))}, "", 1, "SP2-28"},
			{"a refusal", reader, []string{"explain", refused}, "", 0, "invalid_scope"},
			{"nothing refused", reader, []string{"explain", "00000000-0000-4000-8000-000000000000"}, "", 1, "nothing was refused"},
			{"the issuer's health", reader, []string{"check", "issuer"}, "", 0, "participants"},
			{"a framework's health", reader, []string{"check", "framework", "sandbox"}, "", 0, "jwks_uri"},
			{"a framework of nobody's", reader, []string{"check", "framework", "none"}, "", 3, "no such trust framework"},
			{"a certificate that is trusted", reader, []string{"check", "certificate", write("tpp.pem", pemText(s.Directory().Issue(rig.Named("tpp.example")).Certificate[0]))}, "", 0, "the issuer trusts it"},
			{"a certificate of nobody's", reader, []string{"check", "certificate", write("own.pem", pemText(c.Certificate.Certificate[0]))}, "", 1, "does not"},
			{"the same without a server", nil, []string{"check", "certificate", filepath.Join(folder, "own.pem")}, "", 0, "CN=client"},
			{"what is no certificate", nil, []string{"check", "certificate", "-"}, "x", 2, "no PEM certificate"},
			{"metadata without a server", nil, []string{"check", "metadata", "-", "--issuer-file", issuerFile}, `{"grant_types":["implicit"]}`, 1, "SP2-2"},
			{"good metadata without a server", nil, []string{"check", "metadata", "-", "--issuer-file", issuerFile}, good, 0, "no rule of the profile"},
			{"metadata with neither", nil, []string{"check", "metadata", "-"}, good, 2, "--issuer-file"},
			{"a proxy's header", nil, []string{"check", "proxy-header", header}, "", 0, "+ rfc9440"},
			{"a proxy's header that cannot be read", nil, []string{"check", "proxy-header", "-"}, "Client-Cert: :AA:\n", 1, "MTLS-7"},
			{"no server", nil, []string{"issuers"}, "", 2, "--server"},
			{"a server that is away", []string{"--server", "localhost:1", "--dir", s.Layout.Dir}, []string{"issuers"}, "", 4, "cannot be reached"},
			{"a server of another authority", []string{"--ca", s.Layout.File("internal-ca.pem"), "--dir", s.Layout.Dir}, []string{"issuers"}, "", 4, "certificate"},
			{"no command", nil, nil, "", 2, "a command is required"},
			{"an unknown command", nil, []string{"destroy"}, "", 2, "destroy"},
			{"an unknown flag", nil, []string{"clients", "--force"}, "", 2, "force"},
			{"help", nil, []string{"--help"}, "", 0, "Exit status"},
			{"help of a command", nil, []string{"delete", "--help"}, "", 0, "cannot be undone"},
			{"deletion", directory, []string{"delete", c.ID, "--yes"}, "", 0, "is deleted"},
		} {
			t.Run(row.why, func(t *testing.T) {
				out, told, exit := run(row.in, append(append([]string{}, row.flags...), row.args...)...)
				if exit != row.exit || !strings.Contains(out+told, row.want) {
					t.Errorf("exit status %d, want %d, with %q in:\n%s%s", exit, row.exit, row.want, out, told)
				}
			})
		}
		c.Send(t, c.Credentials()).Is(t, http.StatusUnauthorized)
	})
}

func textOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func pemText(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// waitForTrail waits until a refusal is written: that is within a moment.
func waitForTrail(t *testing.T, s *rig.Suite, interaction string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if out, err := s.Audit("export", "--interaction", interaction); err == nil && out != "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the refusal is in no trail after 10 seconds")
		}
	}
}
