package names

import (
	"errors"
	"slices"
	"testing"
)

// Subjects as openssl prints them, of one certificate each.
const (
	brazilAsDER   = `UID=67c57882-043b-11ec-9a03-0242ac130003,1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#0C1450726976617465204F7267616E697A6174696F6E,2.5.4.5=#130E3433313432363636303030313937,CN=mycn.bank.gov.br,OU=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,O=My Public Bank,L=BRASÍLIA,ST=DF,C=BR`
	britainTurned = `C=GB,O=HSBC UK Bank Plc,2.5.4.97=PSDGB-FCA-765112,CN=00158000016i44JAAQ`
	britainAsIs   = `CN=00158000016i44JAAQ,organizationIdentifier=PSDGB-FCA-765112,O=HSBC UK Bank Plc,C=GB`
)

// TestPolicies: what each lets a client write, and which certificate that is.
func TestPolicies(t *testing.T) {
	const refused, other, same = "refused", "another certificate", "its certificate"
	tests := []struct {
		name, policy, text string
		subject            []relativeNameSET
		want               string
	}{
		{"by default, as RFC 4514 has it", "", britainAsIs, britain, same},
		{"by default, order of the certificate", "", britainTurned, britain, other},
		{"RFC 4514, order of the certificate", "rfc4514", britainTurned, britain, other},
		{"either order, the one", "either-order", britainAsIs, britain, same},
		{"either order, the other", "either-order", britainTurned, britain, same},
		{"either order, neither", "either-order", `C=GB,2.5.4.97=PSDGB-FCA-765112,O=HSBC UK Bank Plc,CN=00158000016i44JAAQ`, britain, other},
		{"either order, part of a subject", "either-order", `C=GB,O=HSBC UK Bank Plc`, britain, other},
		{"either order, several attributes in one RDN", "either-order", `C=GB,UID=7+OU=X+CN=A`, several, same},
		{"Brazil", "openfinance-brazil", brazilAsDER, brazil, same},
		{"Brazil, order of the certificate", "openfinance-brazil", `C=BR,ST=DF,CN=a`, brazil, other},
		{"BAD-160 Brazil, organizationIdentifier by name", "openfinance-brazil", `organizationIdentifier=OFBBR-1,C=BR`, brazil, refused},
		{"BAD-160 Brazil, businessCategory by name", "openfinance-brazil", `businessCategory=Private Organization,C=BR`, brazil, refused},
		{"BAD-160 Brazil, the long name of a short one", "openfinance-brazil", `commonName=mycn.bank.gov.br,C=BR`, brazil, refused},
		{"BAD-160 Brazil, an OID with text", "openfinance-brazil", `2.5.4.5=43142666000197,C=BR`, brazil, refused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			policy, err := PolicyByName(test.policy)
			if err != nil {
				t.Fatal(err)
			}
			meant, err := policy.Parse(SubjectDN, test.text)
			got := other
			switch {
			case errors.Is(err, ErrMalformed) && meant == nil:
				got = refused
			case err != nil:
				t.Fatal(err)
			case slices.ContainsFunc(Of(certificate(t, test.subject...)), func(n Name) bool { return slices.Contains(meant, n) }):
				got = same
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestPoliciesLeaveOtherNames: a policy is about subjects alone.
func TestPoliciesLeaveOtherNames(t *testing.T) {
	for _, policy := range policies {
		meant, err := policy.Parse(DNS, "Bank.example")
		want, _ := Parse(DNS, "bank.example")
		if err != nil || !slices.Equal(meant, []Name{want}) {
			t.Errorf("%s: %v, %v", policy.Name, meant, err)
		}
		if meant, err := policy.Parse(DNS, "*.bank.example"); !errors.Is(err, ErrMalformed) || meant != nil {
			t.Errorf("%s: %v, %v", policy.Name, meant, err)
		}
	}
}
