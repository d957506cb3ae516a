package binding

import "testing"

// TestNormalURL is what RFC 3986 §6.2.2 and §6.2.3 make the same, and no more:
// paths of a bank's API may have escaped slashes and empty segments.
func TestNormalURL(t *testing.T) {
	for _, row := range []struct {
		name, htu, configured string
		want                  bool
	}{
		{"empty port", "https://as.example:/t", "https://as.example/t", true},
		{"IPv6 and the default port", "https://[::1]:443/t", "https://[::1]/t", true},
		{"dot segments above the root", "https://as.example/../t", "https://as.example/t", true},
		{"dots escaped", "https://as.example/x/%2e%2E/t", "https://as.example/t", true},
		{"dots at the end", "https://as.example/a/b/..", "https://as.example/a/", true},
		{"escapes in another case", "https://as.example/a%2fb", "https://as.example/a%2Fb", true},
		{"an escaped slash, configured so", "https://as.example/a%2Fb", "https://as.example/a%2Fb", true},
		{"an empty segment, configured so", "https://as.example/a//b", "https://as.example/a//b", true},
		{"an empty segment", "https://as.example//t", "https://as.example/t", false},
		{"an escaped slash for a slash", "https://as.example/a%2Fb", "https://as.example/a/b", false},
		{"a slash for an escaped slash", "https://as.example/a/b", "https://as.example/a%2Fb", false},
		{"a slash escaped twice", "https://as.example/a%252Fb", "https://as.example/a%2Fb", false},
		{"a question mark escaped", "https://as.example/t%3Fq", "https://as.example/t", false},
		{"no slash behind a folder", "https://as.example/a", "https://as.example/a/", false},
		{"a host that begins alike", "https://as.example.evil/t", "https://as.example/t", false},
		{"a space before it", " https://as.example/t", "https://as.example/t", false},
		{"a line break", "https://as.example/t\n", "https://as.example/t", false},
		{"a bad escape", "https://as.example/t%zz", "https://as.example/t%zz", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := sameURL(row.htu, row.configured); got != row.want {
				t.Errorf("sameURL(%q, %q) is %t", row.htu, row.configured, got)
			}
		})
	}
}

// FuzzNormalURL: what is normal stays as it is, whatever the path.
func FuzzNormalURL(f *testing.F) {
	for _, seed := range []string{"/%2e%2E/%2f/..", "/a//./", "/%25%32f", "?/..", "/a/%2e#", "/é%C3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		normal, ok := normalURL("https://AS.example:443" + path)
		if !ok || len(normal) > maxURL {
			return
		}
		if again, ok := normalURL(normal); !ok || again != normal {
			t.Errorf("%q is %q, then %q", path, normal, again)
		}
	})
}
