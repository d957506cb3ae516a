package names

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestAlternativeNames(t *testing.T) {
	v6 := string([]byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	cert := named(t,
		general(tagDNS, "Api.Bank.Example"), general(tagDNS, "*.wild.example"), general(tagURI, "https://Bank.example/a%2Fb"), general(tagURI, "urn:bank:1"),
		general(tagIP, "\xc0\x00\x02\x01"), general(tagIP, v6), general(tagEmail, "Ops@Bank.Example"), general(tagEmail, `"a@b"@bank.example`),
		general(tagDNS, "nul.example\x00.evil"), general(tagIP, "\xc0\x00\x02"), general(8, "\x2a\x03"))
	tests := []struct {
		name string
		kind Kind
		text string
		want bool
	}{
		{"dns", DNS, "api.bank.example", true},
		{"dns in another case", DNS, "API.BANK.example", true},
		{"dns of another host", DNS, "www.bank.example", false},
		{"dns of the parent", DNS, "bank.example", false},
		{"BAD-33 wildcard in the certificate", DNS, "a.wild.example", false},
		{"dns before a NUL", DNS, "nul.example", false},
		{"dns that is a URI's host", DNS, "Bank.example", false},
		{"uri", URI, "https://Bank.example/a%2Fb", true},
		{"uri of another kind", URI, "urn:bank:1", true},
		{"uri in another case", URI, "https://bank.example/a%2Fb", false},
		{"uri decoded", URI, "https://Bank.example/a/b", false},
		{"uri with a slash behind", URI, "urn:bank:1/", false},
		{"ip", IP, "192.0.2.1", true},
		{"ip, version 6", IP, "2001:db8::1", true},
		{"ip, version 6 written out", IP, "2001:0DB8:0:0:0:0:0:1", true},
		{"ip, version 4 within 6", IP, "::ffff:192.0.2.1", false},
		{"ip, another", IP, "192.0.2.2", false},
		{"email", Email, "Ops@bank.example", true},
		{"email with another local part", Email, "ops@bank.example", false},
		{"email with a quoted @", Email, `"a@b"@BANK.example`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, err := Parse(test.kind, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(Of(cert), name); got != test.want {
				t.Errorf("matches: %v", got)
			}
		})
	}
}

// TestKindsDoNotMix: a text is a name of one kind only (BAD-29).
func TestKindsDoNotMix(t *testing.T) {
	cert := certificate(t, rdn(value{"2.5.4.3", utf8String, "api.bank.example"}))
	if name, err := Parse(DNS, "api.bank.example"); err != nil || slices.Contains(Of(cert), name) {
		t.Errorf("a common name was taken for a host: %v", err)
	}
	if (Name{}) == Of(cert)[0] {
		t.Error("the zero name is in a certificate")
	}
}

func TestParseRefusesAlternativeNames(t *testing.T) {
	for kind, texts := range map[Kind][]string{
		DNS: {"", "*.bank.example", "bank.*", "bank.example.", ".bank.example", "a..b", "-a.example", "a-.example", "a_b.example", "bank.example:443",
			"https://bank.example", "192.0.2.1", "::1", "bücher.example", "a b.example", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127)},
		URI:   {"", "bank.example", "/path", "//bank.example", "https://bank.example/ ", "https://bank.example/\n", "https://bücher.example", "%zz:", "https://bank.example/" + strings.Repeat("a", 2048)},
		IP:    {"", "192.0.2", "192.0.2.1/32", "192.0.2.01", "fe80::1%eth0", "3221225985", "bank.example", "[::1]"},
		Email: {"", "bank.example", "@bank.example", "ops@", "ops@*.example", "ops@bank example", "o ps@bank.example", "ops@bank.example\n", "öps@bank.example"},
		"x5t": {"x"},
	} {
		for _, text := range texts {
			t.Run(string(kind)+" "+text, func(t *testing.T) {
				if got, err := Parse(kind, text); !errors.Is(err, ErrMalformed) || got != (Name{}) {
					t.Errorf("%v, %v", got, err)
				}
			})
		}
	}
}

func TestBrokenExtensionNamesNobody(t *testing.T) {
	whole := named(t, general(tagDNS, "bank.example"), general(tagDNS, "api.bank.example"))
	der := whole.Extensions[0].Value
	for n := range der {
		whole.Extensions[0].Value = der[:n]
		if got := Of(whole); len(got) != 0 {
			t.Errorf("%d of %d bytes: names are %v", n, len(der), got)
		}
	}
}
