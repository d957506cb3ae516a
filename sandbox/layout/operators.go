package layout

import (
	"encoding/json"

	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// The operators of the sandbox, each named as its role's certificate is.
const (
	adminOperator  = "admin"
	readerOperator = "reader"
	// operatorsFolder has their credentials.
	operatorsFolder = "operators"
)

// admin is the listener for operators, whose credentials are made with it.
func (b *builder) admin() clientreg.Admin {
	identity, err := b.CA.AdminListener()
	b.fail(err)
	admin := clientreg.Admin{Listen: b.Addresses(Admin), TLS: identity}
	for _, o := range []struct{ name, role string }{{adminOperator, "operator"}, {readerOperator, "reader"}} {
		b.fail(b.operator(o.name))
		admin.Callers = append(admin.Callers, clientreg.AdminCaller{Name: "dns:" + o.name, Role: o.role, Issuers: []string{"*"}})
	}
	return admin
}

// operator writes an operator's credential, and beside it where to use it. The
// paths are relative to the file.
func (b *builder) operator(name string) error {
	if _, err := b.CA.Operator(name); err != nil {
		return err
	}
	text, err := json.MarshalIndent(map[string]string{
		"server": b.URL(Admin), "certificate_file": name + ".pem", "private_key_file": name + ".key", "ca_file": "../ca.pem",
	}, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(b.File(operatorsFolder, name+".json"), append(text, '\n'))
}
