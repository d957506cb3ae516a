package bank

import "github.com/strongroom-fapi/strongroom/fapi/oauth"

// user is a customer of the bank.
type user struct {
	name string
	// subject is how the suite and every client know the user: stable, and not
	// the login name.
	subject  string
	accounts []account
}

// account is what the API tells about an account.
type account struct {
	ID       string `json:"account_id"`
	Name     string `json:"name"`
	Currency string `json:"currency"`
	Balance  string `json:"balance"` // decimal, in units of the currency
	IBAN     string `json:"iban"`    // of no country and with a wrong checksum, so nobody's
}

var users = []user{
	{name: "alice", subject: "user-alice-5f0c9e", accounts: []account{
		{"acc-a1-current", "Current account", "EUR", "2481.07", "XX00STRG00000000000101"},
		{"acc-a2-savings", "Savings", "EUR", "15200.00", "XX00STRG00000000000102"},
	}},
	{name: "bob", subject: "user-bob-b27d41", accounts: []account{
		{"acc-b1-current", "Current account", "GBP", "319.90", "XX00STRG00000000000201"},
	}},
}

// authenticate knows a user by name and password; in this bank they are equal.
func authenticate(name, password string) (user, bool) {
	for _, u := range users {
		if u.name == name && oauth.Equal(password, u.name) {
			return u, true
		}
	}
	return user{}, false
}

// accountsOf answers an empty list for a subject that is not a customer.
func accountsOf(subject string) []account {
	for _, u := range users {
		if u.subject == subject {
			return u.accounts
		}
	}
	return []account{}
}
