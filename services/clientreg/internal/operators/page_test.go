package operators

import "testing"

// FuzzAfter: whatever comes as a page token is refused, or begins behind a client of
// the list that it was made for.
func FuzzAfter(f *testing.F) {
	f.Add(PageToken("client-1", "issuer", "framework"))
	f.Add(PageToken("client-1", "issuer", "another"))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		after, err := After(token, "issuer", "framework")
		switch {
		case err != nil && after != "":
			t.Errorf("refused, and %q all the same", after)
		case err == nil && token != "" && PageToken(after, "issuer", "framework") != token:
			t.Errorf("%q is read as %q, whose token is another", token, after)
		}
	})
}
