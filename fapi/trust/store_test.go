package trust

import "testing"

// TestRevocationDefaultsToClosed: who trusts somebody and says nothing else trusts
// no certificate whose authority cannot be heard.
func TestRevocationDefaultsToClosed(t *testing.T) {
	for given, want := range map[Store]Revocation{
		{Authorities: "ca.pem"}:                       FailClosed,
		{Authorities: "ca.pem", Revocation: Off}:      Off,
		{Authorities: "ca.pem", Revocation: FailOpen}: FailOpen,
		{}: "",
	} {
		given.SetDefaults()
		if given.Revocation != want || given.Validate() != nil {
			t.Errorf("%q, want %q: %v", given.Revocation, want, given.Validate())
		}
	}
}
