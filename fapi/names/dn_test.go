package names

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// The subjects of the ecosystems, as their certificates hold them.
var (
	brazil = []relativeNameSET{
		rdn(value{"2.5.4.6", printed, "BR"}), rdn(value{"2.5.4.8", printed, "DF"}), rdn(value{"2.5.4.7", utf8String, "BRASÍLIA"}),
		rdn(value{"2.5.4.10", printed, "My Public Bank"}), rdn(value{"2.5.4.11", printed, "497e1ffe-b2a2-4a4d-8ef0-70633fd11b59"}),
		rdn(value{"2.5.4.3", printed, "mycn.bank.gov.br"}), rdn(value{"2.5.4.5", printed, "43142666000197"}),
		rdn(value{"2.5.4.15", utf8String, "Private Organization"}), rdn(value{"1.3.6.1.4.1.311.60.2.1.3", printed, "BR"}),
		rdn(value{"0.9.2342.19200300.100.1.1", printed, "67c57882-043b-11ec-9a03-0242ac130003"}),
	}
	britain = []relativeNameSET{
		rdn(value{"2.5.4.6", printed, "GB"}), rdn(value{"2.5.4.10", utf8String, "HSBC UK Bank Plc"}),
		rdn(value{"2.5.4.97", printed, "PSDGB-FCA-765112"}), rdn(value{"2.5.4.3", utf8String, "00158000016i44JAAQ"}),
	}
	germany = []relativeNameSET{
		rdn(value{"2.5.4.6", printed, "DE"}), rdn(value{"2.5.4.7", utf8String, "Köln"}), rdn(value{"2.5.4.10", utf8String, "Bücher, Söhne & Co. \"Straße\" + Bank"}),
		rdn(value{"2.5.4.97", utf8String, "PSDDE-BAFIN-123456"}), rdn(value{"2.5.4.3", utf8String, "psp.example"}),
	}
	several = []relativeNameSET{
		rdn(value{"2.5.4.6", printed, "GB"}), rdn(value{"2.5.4.3", utf8String, "A"}, value{"0.9.2342.19200300.100.1.1", utf8String, "7"}, value{"2.5.4.11", printed, "X"}),
	}
	mail = []relativeNameSET{
		rdn(value{"0.9.2342.19200300.100.1.25", ia5, "example"}), rdn(value{"1.2.840.113549.1.9.1", ia5, "Ops@Bank.example"}),
	}
)

const germanOrganisation = `O=Bücher\, Söhne & Co. \"Straße\" \+ Bank`

// TestSubjectDN is BAD-32: the rows are names that a client could register, and
// whether they are its certificate's subject.
func TestSubjectDN(t *testing.T) {
	tests := []struct {
		name    string
		text    string
		subject []relativeNameSET
		want    bool
	}{
		{"Brazil, as openssl -nameopt RFC2253 writes it", `UID=67c57882-043b-11ec-9a03-0242ac130003,1.3.6.1.4.1.311.60.2.1.3=#13024252,2.5.4.15=#0C1450726976617465204F7267616E697A6174696F6E,2.5.4.5=#130E3433313432363636303030313937,CN=mycn.bank.gov.br,OU=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,O=My Public Bank,L=BRAS\C3\8DLIA,ST=DF,C=BR`, brazil, true},
		{"Brazil, by short names", `UID=67c57882-043b-11ec-9a03-0242ac130003,jurisdictionCountryName=BR,businessCategory=Private Organization,serialNumber=43142666000197,CN=mycn.bank.gov.br,OU=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,O=My Public Bank,L=Brasília,ST=DF,C=BR`, brazil, true},
		{"Brazil, by OIDs alone", `0.9.2342.19200300.100.1.1=67c57882-043b-11ec-9a03-0242ac130003,1.3.6.1.4.1.311.60.2.1.3=BR,2.5.4.15=Private Organization,2.5.4.5=43142666000197,2.5.4.3=mycn.bank.gov.br,2.5.4.11=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,2.5.4.10=My Public Bank,2.5.4.7=BRASÍLIA,2.5.4.8=DF,2.5.4.6=BR`, brazil, true},
		{"Brazil, hexadecimal of another string type", `UID=67c57882-043b-11ec-9a03-0242ac130003,1.3.6.1.4.1.311.60.2.1.3=#0c024252,2.5.4.15=#131450726976617465204f7267616e697a6174696f6e,2.5.4.5=#0c0e3433313432363636303030313937,CN=mycn.bank.gov.br,OU=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,O=My Public Bank,L=Brasília,ST=DF,C=BR`, brazil, true},
		{"Brazil, another CNPJ", `UID=67c57882-043b-11ec-9a03-0242ac130003,jurisdictionCountryName=BR,businessCategory=Private Organization,serialNumber=43142666000198,CN=mycn.bank.gov.br,OU=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,O=My Public Bank,L=Brasília,ST=DF,C=BR`, brazil, false},
		{"Brazil, without its UID", `jurisdictionCountryName=BR,businessCategory=Private Organization,serialNumber=43142666000197,CN=mycn.bank.gov.br,OU=497e1ffe-b2a2-4a4d-8ef0-70633fd11b59,O=My Public Bank,L=Brasília,ST=DF,C=BR`, brazil, false},

		{"UK, OBWAC", `CN=00158000016i44JAAQ,2.5.4.97=#131050534447422D4643412D373635313132,O=HSBC UK Bank Plc,C=GB`, britain, true},
		{"UK, organizationIdentifier by name", `CN=00158000016i44JAAQ,organizationIdentifier=PSDGB-FCA-765112,O=HSBC UK Bank Plc,C=GB`, britain, true},
		{"order of the certificate", `C=GB,O=HSBC UK Bank Plc,2.5.4.97=PSDGB-FCA-765112,CN=00158000016i44JAAQ`, britain, false},
		{"two RDNs exchanged", `CN=00158000016i44JAAQ,O=HSBC UK Bank Plc,2.5.4.97=PSDGB-FCA-765112,C=GB`, britain, false},
		{"same text, other attribute types", `CN=00158000016i44JAAQ,2.5.4.97=PSDGB-FCA-765112,OU=HSBC UK Bank Plc,C=GB`, britain, false},
		{"case", `cn=00158000016I44jaaq,ORGANIZATIONIDENTIFIER=psdgb-fca-765112,o=hsbc uk bank plc,c=gb`, britain, true},
		{"spaces within, around and escaped", ` CN = 00158000016i44JAAQ ,  2.5.4.97=PSDGB-FCA-765112 , O=\ HSBC   UK Bank  Plc\20 ,C=GB `, britain, true},
		{"space missing", `CN=00158000016i44JAAQ,2.5.4.97=PSDGB-FCA-765112,O=HSBCUK Bank Plc,C=GB`, britain, false},
		{"beginning of the subject only", `O=HSBC UK Bank Plc,C=GB`, britain, false},
		{"end of the subject only", `CN=00158000016i44JAAQ,2.5.4.97=PSDGB-FCA-765112`, britain, false},
		{"an RDN more", `CN=x,CN=00158000016i44JAAQ,2.5.4.97=PSDGB-FCA-765112,O=HSBC UK Bank Plc,C=GB`, britain, false},
		{"multi-valued instead of two RDNs", `CN=00158000016i44JAAQ+2.5.4.97=PSDGB-FCA-765112,O=HSBC UK Bank Plc,C=GB`, britain, false},

		{"eIDAS, escaped", `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,` + germanOrganisation + `,L=Köln,C=DE`, germany, true},
		{"eIDAS, octets in hexadecimal", `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,O=B\C3\BCcher\2C S\c3\b6hne & Co. \22Stra\C3\9Fe\22 \2B Bank,L=K\C3\B6ln,C=DE`, germany, true},
		{"eIDAS, accents as characters of their own", "CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456," + germanOrganisation + ",L=Ko\u0308ln,C=DE", germany, true},
		{"eIDAS, folded beyond one letter", `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,O=BÜCHER\, SÖHNE & CO. \"STRASSE\" \+ BANK,L=KÖLN,C=DE`, germany, true},
		{"eIDAS, without accents", `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,` + germanOrganisation + `,L=Koln,C=DE`, germany, false},
		{"a comma that is not escaped begins no RDN of its own", `CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,O=Bücher\, Söhne & Co. \"Straße\",O=Bank,L=Köln,C=DE`, germany, false},

		{"multi-valued in another order", `OU=X+UID=7+CN=A,C=GB`, several, true},
		{"multi-valued with spaces", `CN=a + OU=x + UID=7, C=GB`, several, true},
		{"multi-valued, one missing", `OU=X+CN=A,C=GB`, several, false},
		{"multi-valued as several RDNs", `OU=X,UID=7,CN=A,C=GB`, several, false},
		{"email address and domain component without case", `emailAddress=ops@BANK.example,DC=EXAMPLE`, mail, true},
		{"email address by OID and hexadecimal", `1.2.840.113549.1.9.1=#16104f70734042616e6b2e6578616d706c65,DC=example`, mail, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, err := Parse(SubjectDN, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(Of(certificate(t, test.subject...)), name); got != test.want {
				t.Errorf("matches: %v", got)
			}
		})
	}
}

func TestParseRefusesSubjectDN(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "spaces": "   ", "no =": "Bank", "no type": "=Bank", "no value": "CN=", "value of spaces": `CN=\ \ `,
		"BAD-160 unknown short name": "foo=Bank", "prefix OID.": "OID.2.5.4.3=Bank", "prefix oid.": "oid.2.5.4.3=Bank",
		"OID with a leading zero": "2.05.4.3=Bank", "OID of one arc": "2=Bank", "OID that ends in a dot": "2.5.=Bank", "root arc 3": "3.1=Bank",
		"comma at the end": "CN=Bank,", "comma first": ",CN=Bank", "two commas": "CN=Bank,,C=GB", "plus at the end": "CN=Bank+", "plus first": "+CN=Bank",
		"semicolon between RDNs": "CN=Bank;C=GB", "quotes": `CN="Bank, Inc"`, "angle brackets": "CN=<Bank>", "NUL": "CN=Bank\x00", "NUL escaped": `CN=Bank\00`,
		"slashes": "/C=GB/CN=Bank", "backslash at the end": `CN=Bank\`, "half an octet": `CN=Bank\4`, "unknown escape": `CN=Bank\zz`,
		"not UTF-8": "CN=Bank\xff", "not UTF-8, escaped": `CN=Bank\FF`, "line break": "CN=Ba\nnk", "zero width space": "CN=Ba\u200bnk", "direction override": "CN=\u202eBank",
		"soft hyphen": "CN=Ba\u00adnk", "private use": "CN=Bank\ue000", "replacement character": "CN=Bank\ufffd",
		"hexadecimal of odd length": "CN=#130", "hexadecimal empty": "CN=#", "no hexadecimal": "CN=#zz", "DER cut short": "CN=#130242", "DER with more behind": "CN=#1302425200",
		"TeletexString": "CN=#14024252", "BMPString": "CN=#1e0400420052", "UniversalString": "CN=#1c080000004200000052", "string in pieces": "CN=#2c040c024252",
		"PrintableString beyond ASCII": "CN=#1302c3bc", "type twice in one RDN": "CN=A+CN=B", "2049 bytes": "CN=" + strings.Repeat("a", 2046),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(SubjectDN, text)
			if !errors.Is(err, ErrMalformed) || got != (Name{}) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// TestUnreadableSubjectMatchesNothing: a certificate with a value that has more
// than one reading has no subject, not one with the value left out.
func TestUnreadableSubjectMatchesNothing(t *testing.T) {
	for name, odd := range map[string]relativeNameSET{
		"TeletexString": rdn(value{"2.5.4.3", 20, "Bank"}), "BMPString": rdn(value{"2.5.4.3", 30, "\x00B"}), "UniversalString": rdn(value{"2.5.4.3", 28, "\x00\x00\x00B"}),
		"NUL": rdn(value{"2.5.4.3", utf8String, "Bank\x00.evil"}), "not UTF-8": rdn(value{"2.5.4.3", utf8String, "Bank\xff"}), "empty": rdn(value{"2.5.4.3", utf8String, ""}),
		"no attribute": {}, "type twice": rdn(value{"2.5.4.3", printed, "A"}, value{"2.5.4.3", printed, "B"}),
	} {
		t.Run(name, func(t *testing.T) {
			if got := Of(certificate(t, rdn(value{"2.5.4.6", printed, "GB"}), odd)); len(got) != 0 {
				t.Errorf("names are %v", got)
			}
		})
	}
	t.Run("empty subject", func(t *testing.T) {
		if got := Of(certificate(t)); len(got) != 0 {
			t.Errorf("names are %v", got)
		}
	})
}
