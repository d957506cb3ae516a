package fetch_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// ca signs the certificates of these tests' servers.
var ca, caKey = func() (*x509.Certificate, *ecdsa.PrivateKey) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)))), key
}()

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return pool
}

// serve is a server that can prove to be host.
func serve(t *testing.T, host string, handler http.Handler, changes ...func(*x509.Certificate)) *httptest.Server {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, change := range changes {
		change(template)
	}
	der := must(x509.CreateCertificate(rand.Reader, template, ca, key.Public(), caKey))
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = nil
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// internet answers names as told, and leads every judged address to one server.
type internet struct {
	answers func(network, host string) ([]netip.Addr, error)
	server  *httptest.Server
	mu      sync.Mutex
	dialled []string
}

func (i *internet) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	return i.answers(network, host)
}

func (i *internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	i.mu.Lock()
	i.dialled = append(i.dialled, address)
	i.mu.Unlock()
	if i.server == nil {
		return nil, errors.New("nobody there")
	}
	return new(net.Dialer).DialContext(ctx, network, i.server.Listener.Addr().String())
}

func (i *internet) client(allow ...string) *fetch.Client {
	return fetch.New(fetch.Options{Allow: allow, Roots: roots(), Clock: clock.System, Resolver: i, Dial: i.dial})
}

// always answers with these addresses, version 4 and 6 apart, as DNS does.
func always(texts ...string) func(network, host string) ([]netip.Addr, error) {
	return func(network, _ string) ([]netip.Addr, error) {
		var found []netip.Addr
		for _, text := range texts {
			ip := netip.MustParseAddr(text)
			if ip.Is4() == (network == "ip4") {
				found = append(found, ip)
			}
		}
		if found == nil {
			return nil, &net.DNSError{IsNotFound: true}
		}
		return found, nil
	}
}

const address = "https://keys.tpp.example/jwks"

func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "max-age=90")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestGet(t *testing.T) {
	for _, contentType := range []string{"application/json", "application/jwk-set+json", "Application/JSON; charset=utf-8"} {
		t.Run(contentType, func(t *testing.T) {
			world := &internet{answers: always("8.8.8.8", "2606:4700::1"), server: serve(t, "keys.tpp.example", answer(200, contentType, `{"keys":[]}`))}
			got, err := world.client().Get(t.Context(), address)
			if err != nil || string(got.Body) != `{"keys":[]}` || got.CacheControl != "max-age=90" {
				t.Errorf("got %+v, %v", got, err)
			}
			if len(world.dialled) != 1 || world.dialled[0] != "8.8.8.8:443" {
				t.Errorf("dialled %q", world.dialled)
			}
		})
	}
}

// TestRequestBringsNothing: no cookie, no credential, nothing of the environment.
func TestRequestBringsNothing(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "http://127.0.0.1:1")
	var seen http.Header
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		w.Header().Set("Set-Cookie", "a=b; Secure")
		answer(200, "application/json", "{}")(w, r)
	})
	client := (&internet{answers: always("8.8.8.8"), server: serve(t, "keys.tpp.example", handler)}).client()
	for range 2 {
		if _, err := client.Get(t.Context(), address); err != nil {
			t.Fatal(err)
		}
	}
	for name := range seen {
		if name != "Accept" && name != "User-Agent" && name != "Connection" {
			t.Errorf("header %s: %s", name, seen.Get(name))
		}
	}
}

// TestInnerAddressesAreNotDialled is BAD-157: whatever a public name resolves to.
func TestInnerAddressesAreNotDialled(t *testing.T) {
	for _, ip := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200",
		"169.254.169.254", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "192.31.196.1", "192.52.193.1", "192.175.48.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::10.0.0.1",
		"64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "2620:4f:8000::1", "3fff::1", "100::1", "5f00::1",
	} {
		t.Run(ip, func(t *testing.T) {
			server := serve(t, "keys.tpp.example", answer(200, "application/json", "{}"))
			for name, answers := range map[string]func(string, string) ([]netip.Addr, error){
				"alone": always(ip), "behind a good one": always("8.8.8.8", "2606:4700::1", ip), "before a good one": always(ip, "8.8.8.8", "2606:4700::1"),
			} {
				world := &internet{answers: answers, server: server}
				if _, err := world.client().Get(t.Context(), address); !errors.Is(err, fetch.ErrPolicy) || len(world.dialled) != 0 {
					t.Errorf("%s: %v; dialled %q", name, err, world.dialled)
				}
			}
		})
	}
}

// TestRebinding is BAD-157: what was judged is what is dialled, and a name that
// turns inwards is refused when it does.
func TestRebinding(t *testing.T) {
	asked := 0
	world := &internet{server: serve(t, "keys.tpp.example", answer(200, "application/json", "{}"))}
	world.answers = func(network, _ string) ([]netip.Addr, error) {
		if network == "ip6" {
			return nil, &net.DNSError{IsNotFound: true}
		}
		if asked++; asked == 1 {
			return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	client := world.client()
	if _, err := client.Get(t.Context(), address); err != nil || asked != 1 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	if _, err := client.Get(t.Context(), address); !errors.Is(err, fetch.ErrPolicy) {
		t.Errorf("error is %v", err)
	}
	if len(world.dialled) != 1 || world.dialled[0] != "8.8.8.8:443" {
		t.Errorf("dialled %q", world.dialled)
	}
}

// TestWrappedAddress: some resolvers write the answer to a question for version 4
// as version 6; it is still judged as what is dialled.
func TestWrappedAddress(t *testing.T) {
	for ip, good := range map[string]bool{"::ffff:8.8.8.8": true, "::ffff:10.0.0.1": false} {
		world := &internet{server: serve(t, "keys.tpp.example", answer(200, "application/json", "{}"))}
		world.answers = func(network, _ string) ([]netip.Addr, error) {
			if network == "ip6" {
				return nil, nil
			}
			return []netip.Addr{netip.MustParseAddr(ip)}, nil
		}
		if _, err := world.client().Get(t.Context(), address); (err == nil) != good {
			t.Errorf("%s: %v", ip, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	dead := &internet{answers: always("8.8.8.8", "8.8.4.4", "9.9.9.9", "1.1.1.1", "1.0.0.1")}
	if _, err := dead.client().Get(t.Context(), address); !errors.Is(err, fetch.ErrUnreachable) || len(dead.dialled) != 4 {
		t.Errorf("error is %v, dialled %q", err, dead.dialled)
	}
	if _, err := (&internet{answers: always()}).client().Get(t.Context(), address); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("unknown name: %v", err)
	}
	gone := serve(t, "keys.tpp.example", http.NotFoundHandler())
	gone.Close()
	if _, err := (&internet{answers: always("8.8.8.8"), server: gone}).client().Get(t.Context(), address); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("connection refused: %v", err)
	}
}

// TestServerMustProveItsName is RFC 9525: by a subjectAltName, and in its time.
func TestServerMustProveItsName(t *testing.T) {
	good := answer(200, "application/json", "{}")
	get := func(o fetch.Options, host string, changes ...func(*x509.Certificate)) error {
		world := &internet{answers: always("8.8.8.8"), server: serve(t, host, good, changes...)}
		o.Clock, o.Resolver, o.Dial = clock.System, world, world.dial
		_, err := fetch.New(o).Get(t.Context(), address)
		return err
	}
	trusting := fetch.Options{Roots: roots()}
	for name, err := range map[string]error{
		"another host":            get(trusting, "other.example"),
		"by common name alone":    get(trusting, "keys.tpp.example", func(c *x509.Certificate) { c.DNSNames = nil }),
		"expired":                 get(trusting, "keys.tpp.example", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
		"for clients":             get(trusting, "keys.tpp.example", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
		"of an unknown authority": get(fetch.Options{Roots: x509.NewCertPool()}, "keys.tpp.example"),
	} {
		t.Run(name, func(t *testing.T) {
			if !errors.Is(err, fetch.ErrUnreachable) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestAllowedHost may be anywhere, and must be what it says.
func TestAllowedHost(t *testing.T) {
	server := serve(t, "localhost", answer(200, "application/json", "{}"), func(c *x509.Certificate) { c.IPAddresses = []net.IP{{127, 0, 0, 1}} })
	port := must(url.Parse(server.URL)).Port()
	client := func(allow ...string) *fetch.Client {
		return fetch.New(fetch.Options{Allow: allow, Roots: roots(), Clock: clock.System})
	}
	byName, byAddress := client("LOCALHOST:"+port), client("127.0.0.1:"+port)
	tests := []struct {
		name, address string
		client        *fetch.Client
		want          error
	}{
		{"by name", "https://localhost:" + port, byName, nil},
		{"by name in another case", "https://LocalHost:" + port + "/x", byName, nil},
		{"by address", "https://127.0.0.1:" + port, byAddress, nil},
		{"at another port", "https://localhost:1", byName, fetch.ErrPolicy},
		{"at the usual port", "https://localhost", byName, fetch.ErrPolicy},
		{"by its address, where the name is allowed", "https://127.0.0.1:" + port, byName, fetch.ErrPolicy},
		{"over http", "http://localhost:" + port, byName, fetch.ErrPolicy},
		{"with userinfo", "https://a@localhost:" + port, byName, fetch.ErrPolicy},
		{"by another name that leads there", "https://tpp.example:1", fetch.New(fetch.Options{
			Allow: []string{"TPP.example:1"}, ConnectTo: map[string]string{"TPP.example:1": "127.0.0.1:" + port}, Roots: roots(), Clock: clock.System,
		}), fetch.ErrUnreachable}, // the server is not who the name says
		{"by its name, which leads elsewhere", "https://localhost:1", fetch.New(fetch.Options{
			Allow: []string{"localhost:1"}, ConnectTo: map[string]string{"localhost:1": "127.0.0.1:" + port}, Roots: roots(), Clock: clock.System,
		}), nil},
		{"below the name", "https://a.localhost:" + port, byName, fetch.ErrPolicy},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := test.client.Get(t.Context(), test.address); !errors.Is(err, test.want) {
				t.Errorf("error is %v", err)
			}
		})
	}
}
