package fetch_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// silentResolver never answers.
type silentResolver struct{}

func (silentResolver) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func fetchWith(t *testing.T, resolver fetch.Resolver) (fetch.Document, error) {
	t.Helper()
	return fetch.New(fetch.Options{Clock: clock.System, Resolver: resolver}).Get(t.Context(), address)
}

func TestCheckAccepts(t *testing.T) {
	client := fetch.New(fetch.Options{Clock: clock.System})
	for _, address := range []string{
		"https://tpp.example", "https://tpp.example/", "https://keys.tpp.example:443/jwks?a=b", "https://KEYS.tpp.example/jwks",
		"https://xn--bcher-kva.example/jwks", "https://a1.b-2.example/jwks", "https://keystore.directory.openbankingbrasil.org.br/a/b/application.jwks",
		"https://tpp.example/" + strings.Repeat("a", 2048-20),
	} {
		if err := client.Check(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestCheckRefuses is BAD-157, each form a row.
func TestCheckRefuses(t *testing.T) {
	client := fetch.New(fetch.Options{Clock: clock.System})
	for _, address := range []string{
		"", "tpp.example", "//tpp.example", "/jwks", "https:", "https://", "https:tpp.example", "https:///jwks", "https://:443/",
		"http://tpp.example/jwks", "HTTP://tpp.example", "ftp://tpp.example", "file:///etc/passwd", "gopher://tpp.example", "data:application/json,{}", "javascript:1",
		"https://user@tpp.example", "https://user:password@tpp.example", "https://@tpp.example", "https://good.example@169.254.169.254/",
		"https://tpp.example/#a", "https://tpp.example#", "https://tpp.example:8443", "https://tpp.example:22", "https://tpp.example:", "https://tpp.example:0443/", "https://tpp.example:x",
		"https://127.0.0.1", "https://127.0.0.1:443/", "https://127.1", "https://127.0.0.1.", "https://0", "https://0.0.0.0", "https://10.0.0.1", "https://192.168.0.1", "https://172.16.0.1",
		"https://169.254.169.254/latest/meta-data", "https://100.100.100.200", "https://168.63.129.16", "https://8.8.8.8", "https://2130706433", "https://017700000001", "https://0x7f000001", "https://0x7f.1", "https://0177.0.0.1",
		"https://[::1]", "https://[::]", "https://[::ffff:10.0.0.1]", "https://[::ffff:a00:1]", "https://[fd00:ec2::254]", "https://[fe80::1%25eth0]", "https://[64:ff9b::a00:1]", "https://[2606:4700::1]", "https://::1",
		"https://localhost", "https://LOCALHOST", "https://localhost.", "https://a.localhost", "https://localhost.localdomain", "https://printer.local", "https://metadata.google.internal", "https://router.home.arpa", "https://intranet",
		"https://tpp.example.", "https://tpp..example", "https://.tpp.example", "https://-tpp.example", "https://tpp-.example", "https://t_pp.example", "https://*.example", "https://tpp.example%00.evil.example",
		"https://%31%32%37.0.0.1", "https://bücher.example", "https://tpp.example\\@evil.example", "https://tpp.example/ a", "https://tpp.example/\r\nHost: a", "https://tpp.example/\x00", " https://tpp.example", "https://①②⑦.0.0.1",
		"https://" + strings.Repeat("a.", 127) + "example", "https://" + strings.Repeat("a", 64) + ".example", "https://tpp.example/" + strings.Repeat("a", 2049-20),
	} {
		t.Run(address, func(t *testing.T) {
			if err := client.Check(address); !errors.Is(err, fetch.ErrPolicy) {
				t.Errorf("error is %v", err)
			}
			if _, err := client.Get(t.Context(), address); !errors.Is(err, fetch.ErrPolicy) {
				t.Errorf("fetched: %v", err)
			}
		})
	}
}
