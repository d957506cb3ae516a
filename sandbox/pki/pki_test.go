package pki

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// handshake connects a client to a server in memory and returns the server's
// view, or either side's refusal.
func handshake(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	near, far := net.Pipe()
	deadline := time.Now().Add(5 * time.Second)
	near.SetDeadline(deadline)
	far.SetDeadline(deadline)
	accepting, calling := tls.Server(near, server), tls.Client(far, client)
	clientErr := make(chan error, 1)
	go func() {
		err := calling.Handshake()
		if err == nil { // TLS 1.3 tells a client only now that it was refused
			_, err = calling.Read(make([]byte, 1))
		}
		far.Close()
		clientErr <- err
	}()
	err := accepting.Handshake()
	if err == nil {
		accepting.Write([]byte{1})
	}
	near.Close()
	if other := <-clientErr; err == nil {
		err = other
	}
	return accepting.ConnectionState(), err
}

func TestServerCertificates(t *testing.T) {
	ca := must(Open(t.TempDir()))
	certificates := must(ca.Server([]string{"bank.test", "192.0.2.7"}))
	suites := map[string]struct {
		cipher uint16
		want   x509.PublicKeyAlgorithm
	}{
		"a peer that verifies ECDSA": {tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, x509.ECDSA},
		"a peer that verifies RSA":   {tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, x509.RSA},
	}
	for name, suite := range suites {
		for _, host := range []string{"localhost", "127.0.0.1", "::1", "bank.test", "192.0.2.7"} {
			t.Run(name+" at "+host, func(t *testing.T) {
				var got x509.PublicKeyAlgorithm
				client := &tls.Config{RootCAs: ca.Pool(), ServerName: host, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.cipher}}
				client.VerifyConnection = func(s tls.ConnectionState) error {
					got = s.PeerCertificates[0].PublicKeyAlgorithm
					return nil
				}
				if _, err := handshake(t, &tls.Config{Certificates: certificates}, client); err != nil || got != suite.want {
					t.Errorf("%v with a key of %v", err, got)
				}
			})
		}
	}
}

// TestSecondStartKeeps: what was trusted or pinned yesterday is good today.
func TestSecondStartKeeps(t *testing.T) {
	dir := t.TempDir()
	start := func(at time.Time, names ...string) (leaves [][]byte, keys [][]byte) {
		t.Helper()
		ca := must(open(dir, clock.NewManual(at)))
		certificates := must(ca.Server(names))
		service := must(ca.Service("keys"))
		client := must(ca.ClientCertificate("demo", pkix.Name{CommonName: "demo", Organization: []string{"Strongroom"}}))
		certificates = append(certificates,
			must(tls.LoadX509KeyPair(service.Certificate, service.Key)),
			must(tls.LoadX509KeyPair(client.Certificate, client.Key)))
		for _, c := range certificates {
			leaves = append(leaves, c.Leaf.Raw)
			keys = append(keys, must(x509.MarshalPKCS8PrivateKey(c.PrivateKey)))
		}
		return append(leaves, ca.public.certificate.Raw, ca.internal.certificate.Raw), keys
	}
	today := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	equal := func(a, b [][]byte) bool { return slices.EqualFunc(a, b, slices.Equal[[]byte]) }

	leaves, keys := start(today)
	again, keysAgain := start(today.Add(300 * day))
	if !equal(leaves, again) || !equal(keys, keysAgain) {
		t.Error("a second start made new certificates or keys")
	}
	renewed, keysAgain := start(today.Add(340 * day))
	for i := range 4 {
		if slices.Equal(renewed[i], leaves[i]) {
			t.Errorf("certificate %d is kept with 25 days left", i)
		}
	}
	if !equal(keys, keysAgain) || !equal(renewed[4:], leaves[4:]) {
		t.Error("renewal changed a key or an authority")
	}
	other, keysAgain := start(today.Add(340*day), "bank.test")
	if slices.Equal(other[0], renewed[0]) || !equal(other[2:], renewed[2:]) || !equal(keys, keysAgain) {
		t.Error("a new name must change the server certificates, nothing else, and no key")
	}
}

// TestNewAuthorityIssuesAnew: who deletes an authority gets certificates of the new
// one, for the keys there were.
func TestNewAuthorityIssuesAnew(t *testing.T) {
	dir := t.TempDir()
	before := must(must(Open(dir)).Server(nil))
	for _, file := range []string{"ca.pem", "ca-key.pem"} {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	ca := must(Open(dir))
	for i, c := range must(ca.Server(nil)) {
		if _, err := c.Leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: "localhost"}); err != nil {
			t.Error(err)
		}
		if !sameKey(c.Leaf.PublicKey, before[i].Leaf.PublicKey) {
			t.Errorf("key %d is another", i)
		}
	}
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sandbox")
	ca := must(Open(dir))
	must(ca.Server(nil))
	must(ca.Service("token"))
	must(ca.ClientCertificate("demo", pkix.Name{CommonName: "demo"}))
	if mode := must(os.Stat(dir)).Mode().Perm(); mode != 0o700 {
		t.Errorf("the folder has mode %o", mode)
	}
	must(ca.Operator("admin"))
	entries := must(os.ReadDir(dir))
	entries = append(slices.DeleteFunc(entries, fs.DirEntry.IsDir), must(os.ReadDir(filepath.Join(dir, "operators")))...)
	if len(entries) != 18 {
		t.Errorf("%d files, want 18: two for each of nine certificates", len(entries))
	}
	for _, entry := range entries {
		if mode := must(entry.Info()).Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", entry.Name(), mode)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		spoil func(dir string) error
		later time.Duration
	}{
		{name: "an authority without its certificate", spoil: func(dir string) error { return os.Remove(filepath.Join(dir, "ca.pem")) }},
		{name: "an authority without its key", spoil: func(dir string) error { return os.Remove(filepath.Join(dir, "internal-ca-key.pem")) }},
		{name: "the key of another", spoil: func(dir string) error {
			return os.Rename(filepath.Join(dir, "internal-ca-key.pem"), filepath.Join(dir, "ca-key.pem"))
		}},
		{name: "a file that is no PEM", spoil: func(dir string) error { return os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("x"), 0o600) }},
		{name: "an authority that has expired", spoil: func(string) error { return nil }, later: 4000 * day},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			must(open(dir, clock.NewManual(now)))
			if err := test.spoil(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := open(dir, clock.NewManual(now.Add(test.later))); err == nil {
				t.Error("opened")
			}
		})
	}
}

func TestNamesStayInTheFolder(t *testing.T) {
	ca := must(Open(t.TempDir()))
	for _, name := range []string{"", "../token", "a/b", "a.b", "A", "a\x00", string(make([]byte, 64))} {
		if _, err := ca.Service(name); err == nil {
			t.Errorf("service %q was named", name)
		}
		if _, err := ca.ClientCertificate(name, pkix.Name{CommonName: "x"}); err == nil {
			t.Errorf("client %q was named", name)
		}
	}
}
