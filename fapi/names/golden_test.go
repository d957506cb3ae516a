package names

import (
	"slices"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/internal/golden"
)

// TestGolden: names as clients of the ecosystems write them, against certificates
// as these issue them.
func TestGolden(t *testing.T) {
	const (
		brazil     = `UID=10120340-3318-4baf-99e2-0b56729c4ab2,1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#0C1450726976617465204F7267616E697A6174696F6E,2.5.4.5=#130E3132333435363738303030313930,CN=transporte.banco-ficticio.example,2.5.4.97=#132A4F464242522D64373338346264302D383432662D343363352D626530322D396432623264356566633263,O=BANCO FICT\C3\8DCIO S.A.,L=S\C3\83O PAULO,ST=SP,C=BR`
		brazilText = `UID=10120340-3318-4baf-99e2-0b56729c4ab2,jurisdictionC=BR,businessCategory=Private Organization,serialNumber=12345678000190,CN=transporte.banco-ficticio.example,organizationIdentifier=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c,O=Banco Fictício S.A.,L=São Paulo,ST=SP,C=BR`
		before2022 = `UID=10120340-3318-4baf-99e2-0b56729c4ab2,1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#131450726976617465204F7267616E697A6174696F6E,2.5.4.5=#130E3132333435363738303030313930,CN=transporte.banco-ficticio.example,OU=d7384bd0-842f-43c5-be02-9d2b2d5efc2c,O=BANCO FICTICIO S.A.,L=SAO PAULO,ST=SP,C=BR`
		britain    = `CN=0015800001041RHAAY,2.5.4.97=PSDGB-FCA-123456,O=Fictional Bank plc,C=GB`
	)
	tests := []struct {
		name, certificate, policy string
		kind                      Kind
		text                      string
		want                      bool
	}{
		{"Brazil, as its standard has it", "brazil", "openfinance-brazil", SubjectDN, brazil, true},
		{"Brazil, by RFC 4514", "brazil", "rfc4514", SubjectDN, brazil, true},
		{"Brazil, by names and in another case", "brazil", "rfc4514", SubjectDN, brazilText, true},
		{"Brazil, the certificate of before", "brazil", "openfinance-brazil", SubjectDN, before2022, false},
		{"Brazil before 2022, with other string types", "brazil-2021", "openfinance-brazil", SubjectDN, before2022, true},
		{"Brazil before 2022, another software", "brazil-2021", "openfinance-brazil", SubjectDN, `UID=10120340-3318-4baf-99e2-0b56729c4ab3` + before2022[40:], false},
		{"UK", "britain", "rfc4514", SubjectDN, britain, true},
		{"UK, organizationIdentifier as DER", "britain", "rfc4514", SubjectDN, `CN=0015800001041RHAAY,2.5.4.97=#131050534447422D4643412D313233343536,O=Fictional Bank plc,C=GB`, true},
		{"UK, order of the certificate", "britain", "rfc4514", SubjectDN, `C=GB,O=Fictional Bank plc,2.5.4.97=PSDGB-FCA-123456,CN=0015800001041RHAAY`, false},
		{"UK, order of the certificate where that is the policy", "britain", "either-order", SubjectDN, `C=GB,O=Fictional Bank plc,2.5.4.97=PSDGB-FCA-123456,CN=0015800001041RHAAY`, true},
		{"UK, another authorisation number", "britain", "either-order", SubjectDN, `CN=0015800001041RHAAY,2.5.4.97=PSDGB-FCA-123457,O=Fictional Bank plc,C=GB`, false},
		{"eIDAS", "eidas", "rfc4514", SubjectDN, `CN=psp.example,organizationIdentifier=PSDDE-BAFIN-123456,O=Bücher\, Söhne & Co. \"Zahlung\" \+ Konto,L=Köln,C=DE`, true},
		{"eIDAS, octets in hexadecimal", "eidas", "rfc4514", SubjectDN, `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,O=B\C3\BCcher\2C S\C3\B6hne & Co. \22Zahlung\22 \2B Konto,L=K\C3\B6ln,C=DE`, true},
		{"eIDAS, without its umlauts", "eidas", "rfc4514", SubjectDN, `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,O=Bucher\, Sohne & Co. \"Zahlung\" \+ Konto,L=Koln,C=DE`, false},
		{"turned, by RFC 4514", "turned", "rfc4514", SubjectDN, `C=PT,O=Turned Bank,UID=7+CN=tpp.example`, true},
		{"turned, as others write theirs", "turned", "rfc4514", SubjectDN, `CN=tpp.example+UID=7,O=Turned Bank,C=PT`, false},
		{"turned, either order", "turned", "either-order", SubjectDN, `UID=7+CN=tpp.example,O=Turned Bank,C=PT`, true},

		{"dns", "eidas", "rfc4514", DNS, "PSP.example", true},
		{"BAD-33 below a wildcard", "eidas", "rfc4514", DNS, "a.psp.example", false},
		{"BAD-29 a common name is no host", "britain", "rfc4514", DNS, "0015800001041RHAAY", false},
		{"uri", "eidas", "rfc4514", URI, "https://psp.example/a%2Fb", true},
		{"uri decoded", "eidas", "rfc4514", URI, "https://psp.example/a/b", false},
		{"ip", "eidas", "rfc4514", IP, "192.0.2.1", true},
		{"ip, version 6", "eidas", "rfc4514", IP, "2001:0db8:0::1", true},
		{"email", "eidas", "rfc4514", Email, "Ops@psp.EXAMPLE", true},
		{"email, another local part", "eidas", "rfc4514", Email, "ops@psp.example", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			read, err := golden.Read(test.certificate)
			if err != nil {
				t.Fatal(err)
			}
			policy, err := PolicyByName(test.policy)
			if err != nil {
				t.Fatal(err)
			}
			meant, err := policy.Parse(test.kind, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.ContainsFunc(Of(read), func(n Name) bool { return slices.Contains(meant, n) }); got != test.want {
				t.Errorf("matches: %v", got)
			}
		})
	}
}
