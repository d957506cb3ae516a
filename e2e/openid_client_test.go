//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// outsideClient is one client that openid-client plays; a flow is walked with it.
type outsideClient struct {
	Name    string `json:"name"`
	Issuer  string `json:"issuer"`
	Auth    string `json:"auth"`
	Binding string `json:"binding"` // dpop or mtls
	// Algorithm is that of the client's keys, IDTokenAlgorithm what it wants.
	Algorithm        string `json:"alg"`
	IDTokenAlgorithm string `json:"id_token_alg"`
	User             string `json:"user"`
	// Nonces tells that its proofs need one of the server's.
	Nonces bool `json:"nonces"`
}

const dpop, mtls = "dpop", "mtls"

var outsideClients = []outsideClient{
	{"mTLS", rig.FAPI2, oauth.AuthPrivateKeyJWT, mtls, "ES256", "ES256", "alice", false},
	{"mTLS, PS256", rig.FAPI2, oauth.AuthPrivateKeyJWT, mtls, "PS256", "PS256", "bob", false},
	{"DPoP", rig.FAPI2, oauth.AuthPrivateKeyJWT, dpop, "ES256", "ES256", "bob", false},
	{"DPoP, PS256", rig.FAPI2, oauth.AuthPrivateKeyJWT, dpop, "PS256", "PS256", "alice", false},
	{"mTLS where nonces are for proofs", "fapi2-nonce", oauth.AuthPrivateKeyJWT, mtls, "ES256", "ES256", "alice", false},
	{"DPoP with nonces", "fapi2-nonce", oauth.AuthPrivateKeyJWT, dpop, "ES256", "ES256", "bob", true},
	{"mTLS, opaque tokens", "fapi2-opaque", oauth.AuthPrivateKeyJWT, mtls, "ES256", "PS256", "alice", false},
	{"DPoP, opaque tokens", "fapi2-opaque", oauth.AuthPrivateKeyJWT, dpop, "PS256", "PS256", "bob", false},
	{"named by certificate, mTLS", rig.FAPI2, oauth.AuthTLSClient, mtls, "ES256", "ES256", "alice", false},
	{"named by certificate, DPoP", rig.FAPI2, oauth.AuthTLSClient, dpop, "ES256", "ES256", "bob", false},
	{"named by certificate, DPoP with nonces", rig.Nonces, oauth.AuthTLSClient, dpop, "ES256", "ES256", "alice", true},
	{"certificate among its keys, mTLS", rig.FAPI2, oauth.AuthSelfSignedTLSClient, mtls, "ES256", "ES256", "alice", false},
	{"certificate among its keys, DPoP", rig.FAPI2, oauth.AuthSelfSignedTLSClient, dpop, "ES256", "ES256", "bob", false},
}

// outsideSettings tell openid-client/run.mjs what to do.
type outsideSettings struct {
	BankAPI            string          `json:"bank_api"`
	InitialAccessToken string          `json:"initial_access_token"` // a file
	Certificate        string          `json:"certificate"`          // a file, from the directory
	Key                string          `json:"key"`                  // a file
	SubjectDN          string          `json:"subject_dn"`
	Clients            []outsideClient `json:"clients"`
}

// TestOpenIDClient lets a client library that others write and certify walk
// through the suite: what the rig's own client takes for right might be wrong in
// both. It goes by the system's clock, so the suite in one process, whose clock
// other tests set forward, is not for it.
func TestOpenIDClient(t *testing.T) {
	s := processes.suite(t)
	dir := installed(t)
	settings := outsideSettings{
		BankAPI:            s.Layout.URL(layout.BankAPI),
		InitialAccessToken: s.Layout.File(layout.InitialAccessToken),
		Certificate:        filepath.Join(dir, "client.pem"),
		Key:                filepath.Join(dir, "client-key.pem"),
	}
	settings.SubjectDN = certified(t, s, settings.Certificate, settings.Key)
	for _, client := range outsideClients {
		client.Issuer = s.Issuer(client.Issuer)
		settings.Clients = append(settings.Clients, client)
	}
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "settings.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	run := command(t, dir, "node", "run.mjs", file)
	run.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+s.Layout.File("ca.pem"))
	var complaint bytes.Buffer
	run.Stderr = &complaint
	output, err := run.Output()
	if err != nil {
		t.Errorf("run.mjs: %v\n%s", err, &complaint)
	}
	assertSteps(t, output)
}

// assertSteps has a subtest for each step of each client.
func assertSteps(t *testing.T, output []byte) {
	steps := map[string]int{}
	for line := range bytes.Lines(output) {
		var step struct{ Client, Step, Error string }
		if err := json.Unmarshal(line, &step); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		steps[step.Client]++
		t.Run(step.Client+"/"+step.Step, func(t *testing.T) {
			if step.Error != "" {
				t.Error(step.Error)
			}
		})
	}
	for _, client := range outsideClients {
		if steps[client.Name] == 0 {
			t.Errorf("no step of %q was walked", client.Name)
		}
	}
}

// installed is a folder with the program and, as locked, what it needs.
func installed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("openid-client")); err != nil {
		t.Fatal(err)
	}
	if output, err := command(t, dir, "npm", "ci", "--engine-strict", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, output)
	}
	return dir
}

// command runs in the folder, four minutes at most.
func command(t *testing.T, dir, name string, arguments ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	run := exec.CommandContext(ctx, name, arguments...)
	run.Dir, run.WaitDelay = dir, time.Second
	return run
}

// certified lets the directory certify a new key, as participants do, writes both
// and answers the subject.
func certified(t *testing.T, s *rig.Suite, certificateFile, keyFile string) string {
	t.Helper()
	key := rig.ES256Key().Signer
	subject := pkix.Name{Country: []string{"GB"}, Organization: []string{"Outside"}, CommonName: "openid-client"}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		t.Fatal(err)
	}
	post := rig.Get(s.Layout.URL(layout.Directory) + "/certificates")
	rig.Method(http.MethodPost)(post)
	rig.Raw("application/pkcs10", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})))(post)
	chain := s.Send(t, post).Is(t, http.StatusCreated).Body

	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string][]byte{
		certificateFile: chain,
		keyFile:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return subject.String()
}
