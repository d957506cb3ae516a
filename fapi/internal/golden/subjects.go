package golden

import "net"

// Attribute types, dotted.
const (
	country      = "2.5.4.6"
	state        = "2.5.4.8"
	locality     = "2.5.4.7"
	organization = "2.5.4.10"
	unit         = "2.5.4.11"
	commonName   = "2.5.4.3"
	serial       = "2.5.4.5"
	category     = "2.5.4.15"
	orgID        = "2.5.4.97"
	userID       = "0.9.2342.19200300.100.1.1"
	jurisdiction = "1.3.6.1.4.1.311.60.2.1.3"
)

// certificates by the name of their file.
var certificates = map[string]certificate{
	// ICP-Brasil, a transport certificate of Open Finance Brasil: the software in
	// UID, the participant in organizationIdentifier, the CNPJ in serialNumber.
	"brazil": {
		subject: []rdn{
			printed(country, "BR"), printed(state, "SP"), utf8(locality, "SÃO PAULO"), utf8(organization, "BANCO FICTÍCIO S.A."),
			printed(orgID, "OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c"), printed(commonName, "transporte.banco-ficticio.example"),
			printed(serial, "12345678000190"), utf8(category, "Private Organization"), printed(jurisdiction, "BR"),
			utf8(userID, "10120340-3318-4baf-99e2-0b56729c4ab2"),
		},
		hosts: []string{"transporte.banco-ficticio.example"},
	},
	// The same before organizationIdentifier was there: the participant in OU.
	"brazil-2021": {
		subject: []rdn{
			printed(country, "BR"), printed(state, "SP"), printed(locality, "SAO PAULO"), printed(organization, "BANCO FICTICIO S.A."),
			printed(unit, "d7384bd0-842f-43c5-be02-9d2b2d5efc2c"), printed(commonName, "transporte.banco-ficticio.example"),
			printed(serial, "12345678000190"), printed(category, "Private Organization"), printed(jurisdiction, "BR"),
			printed(userID, "10120340-3318-4baf-99e2-0b56729c4ab2"),
		},
		hosts: []string{"transporte.banco-ficticio.example"},
	},
	// United Kingdom, an OBWAC: eIDAS in form, by the directory's authority.
	"britain": {
		subject: []rdn{
			printed(country, "GB"), utf8(organization, "Fictional Bank plc"), printed(orgID, "PSDGB-FCA-123456"), utf8(commonName, "0015800001041RHAAY"),
		},
		statements: []statement{psd2("Financial Conduct Authority", "GB-FCA", accountServicing, paymentInitiation, accountInformation)},
	},
	// A QWAC by a trust service provider of the Union.
	"eidas": {
		subject: []rdn{
			printed(country, "DE"), utf8(locality, "Köln"), utf8(organization, `Bücher, Söhne & Co. "Zahlung" + Konto`),
			utf8(orgID, "PSDDE-BAFIN-123456"), utf8(commonName, "psp.example"),
		},
		statements: []statement{compliance, qualifiedWeb, psd2("Bundesanstalt für Finanzdienstleistungsaufsicht", "DE-BAFIN", accountInformation, cardIssuing)},
		hosts:      []string{"psp.example", "*.psp.example"}, uris: []string{"https://psp.example/a%2Fb"}, emails: []string{"Ops@PSP.example"},
		ips: []net.IP{{192, 0, 2, 1}, net.ParseIP("2001:db8::1")},
	},
	// A qualified certificate of who is no payment service provider.
	"eidas-other": {
		subject:    []rdn{printed(country, "DE"), utf8(organization, "Kein Zahlungsdienst GmbH"), utf8(orgID, "VATDE-123456789"), utf8(commonName, "other.example")},
		statements: []statement{compliance, qualifiedWeb},
	},
	// An authority that writes its subjects the other way round, with two
	// attributes in one RDN.
	"turned": {
		subject: []rdn{
			{{commonName, 12, "tpp.example"}, {userID, 12, "7"}}, utf8(organization, "Turned Bank"), printed(country, "PT"),
		},
	},
}
