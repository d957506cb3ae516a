package clientreg

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/operators"
)

// Admin is the listener for operators (docs/operators.md).
type Admin struct {
	// Listen are its addresses, host:port. They are never public ones. Default none:
	// there is no admin API.
	Listen []string `yaml:"listen"`
	// TLS is the listener's certificate, and the CA of operators' certificates: one
	// of their own, so that nobody who is something else is an operator.
	TLS network.Identity `yaml:"tls"`
	// Callers are the operators. Who is not here is refused.
	Callers []AdminCaller `yaml:"callers"`
	// ChecksPerMinute is how many checks one operator may ask for at one issuer in a
	// minute: of registrations, certificates, frameworks and the issuer. They ask hosts
	// outside, also such as the registration names. 0: any number. Default 60. What is
	// over is answered 429.
	ChecksPerMinute *int `yaml:"checks_per_minute"`
}

const defaultChecksPerMinute = 60

// checksPerMinute is 0 for any number.
func (a Admin) checksPerMinute() int {
	if a.ChecksPerMinute == nil {
		return defaultChecksPerMinute
	}
	return *a.ChecksPerMinute
}

// AdminCaller is one operator, or one program that acts for some.
type AdminCaller struct {
	// Name is an alternative name in the certificate, with its kind:
	// dns:ops.bank.example, uri:spiffe://bank.example/ops or email:anna@bank.example.
	Name string `yaml:"name"`
	// Role is reader (look, check, explain) or operator (also register, suspend,
	// resume and delete clients).
	Role string `yaml:"role"`
	// Issuers that it may act for, by name; or all, written as "*". No default:
	// what was forgotten must not mean all.
	Issuers []string `yaml:"issuers"`
}

// allIssuers stands for every issuer, also one that comes later.
const allIssuers = "*"

func (a Admin) validate() error {
	if len(a.Listen) == 0 {
		if len(a.Callers) > 0 {
			return errors.New("admin.listen is required where admin.callers are named")
		}
		return nil
	}
	var faults []error
	if a.checksPerMinute() < 0 {
		faults = append(faults, errors.New("admin.checks_per_minute must not be negative"))
	}
	if len(a.Callers) == 0 {
		faults = append(faults, errors.New("admin.callers is required where admin.listen is: who else should call"))
	}
	if a.TLS.Certificate == "" || a.TLS.Key == "" || a.TLS.CA == "" {
		faults = append(faults, errors.New("admin.tls.certificate, key and ca are required: operators prove themselves by mutual TLS"))
	}
	seen := map[string]bool{}
	for n, c := range a.Callers {
		kind, name, _ := strings.Cut(c.Name, ":")
		if !slices.Contains([]string{"dns", "uri", "email"}, kind) || name == "" {
			faults = append(faults, fmt.Errorf("admin.callers[%d].name must be dns:, uri: or email: and the name in the certificate, not %q", n, c.Name))
		}
		if kind == "dns" && name != strings.ToLower(name) {
			faults = append(faults, fmt.Errorf("admin.callers[%d].name: write %q in lower case", n, c.Name))
		}
		if !slices.Contains(operators.Roles, operators.Role(c.Role)) {
			faults = append(faults, fmt.Errorf("admin.callers[%d].role must be reader or operator, not %q", n, c.Role))
		}
		if len(c.Issuers) == 0 || slices.Contains(c.Issuers, allIssuers) && len(c.Issuers) > 1 {
			faults = append(faults, fmt.Errorf("admin.callers[%d].issuers is required: names of issuers, or [%q] alone for all", n, allIssuers))
		}
		if seen[c.Name] {
			faults = append(faults, fmt.Errorf("admin.callers[%d].name is there twice: %q", n, c.Name))
		}
		seen[c.Name] = true
	}
	return errors.Join(faults...)
}

// knows tells of an issuer that a caller names and that is not served here: it
// would otherwise be found out by an operator who is refused.
func (a Admin) knows(served func(name string) bool) error {
	for n, c := range a.Callers {
		for _, name := range c.Issuers {
			if name != allIssuers && !served(name) {
				return fmt.Errorf("admin.callers[%d].issuers: there is no issuer %q", n, name)
			}
		}
	}
	return nil
}

func (a Admin) table() []operators.Caller {
	var table []operators.Caller
	for _, c := range a.Callers {
		caller := operators.Caller{Name: c.Name, Role: operators.Role(c.Role), Issuers: c.Issuers}
		if slices.Contains(c.Issuers, allIssuers) {
			caller.Issuers = nil
		}
		table = append(table, caller)
	}
	return table
}
