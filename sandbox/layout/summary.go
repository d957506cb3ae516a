package layout

import (
	"fmt"
	"strings"
)

// HealthURLs answer 2xx when every part is up.
func (l *Layout) HealthURLs() []string {
	return []string{
		l.URL(Public) + "/fapi2/.well-known/openid-configuration",
		l.URL(Mutual) + "/fapi2/.well-known/openid-configuration",
		l.URL(BankPages) + "/healthz",
		l.URL(BankAPI) + "/healthz",
		l.URL(Directory) + "/healthz",
	}
}

// DemoClient is the file of the demo client's credential at an issuer.
func (l *Layout) DemoClient(issuer string) string {
	if issuer == firstIssuer {
		return l.File("clients", "demo.json")
	}
	return l.File("clients", "demo-"+issuer+".json")
}

// firstIssuer is the one whose files bear no name.
const firstIssuer = "fapi2"

// Summary tells a user where everything is.
func (l *Layout) Summary() string {
	lines := [][2]string{
		{"issuers", l.URL(Public) + "/fapi2, /fapi2-nonce, /fapi2-opaque"},
		{"metadata", l.URL(Public) + "/fapi2/.well-known/openid-configuration"},
		{"the same by mutual TLS", l.URL(Mutual) + "/fapi2"},
		{"the bank's pages", l.URL(BankPages) + "   (alice or bob; the password is the name)"},
		{"the bank's API", l.URL(BankAPI) + "/accounts"},
		{"directory", l.URL(Directory) + "/certificates"},
		{"interaction API", l.URL(Interaction)},
		{"admin API", l.URL(Admin) + "   (go run ./ctl/cmd/strongroomctl --dir " + l.Dir + " --issuer fapi2 clients)"},
		{"trust this CA", l.CA.File()},
		{"demo client", l.File("clients", "demo.json")},
		{"register your own with", l.File(InitialAccessToken)},
	}
	var b strings.Builder
	b.WriteString("\nThe sandbox stays up. Ctrl-C ends it; `go run ./sandbox flow` walks again.\n\n")
	for _, line := range lines {
		fmt.Fprintf(&b, "  %-24s %s\n", line[0], line[1])
	}
	return b.String()
}
