package rig

import (
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestSecretsAreFound: a log that held a secret would fail the tests, however
// little of it stands there.
func TestSecretsAreFound(t *testing.T) {
	secrets, code, token := newSecrets(), oauth.NewSecret(), strings.Repeat("h", 40)+"."+oauth.NewSecret()+"."+oauth.NewSecret()
	secrets.Remember(t.Name(), "code", code)
	secrets.Remember(t.Name(), "token", token)
	for _, row := range []struct {
		rule, line string
		found      bool
	}{
		{"a secret", `{"msg":"refused","code":"` + code + `"}`, true},
		{"the end of a secret", `code ` + code[len(code)-window:], true},
		{"the middle of a secret", `code ` + code[10:40], true},
		{"the claims of a token", token[41:84], true},
		{"any signed token", "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJub2JvZHkga25vd24ifQ.c2ln", true},
		{"less than could be found by chance", code[:window-1], false},
		{"a line without secrets", `{"msg":"refused","status":400}`, false},
	} {
		t.Run(row.rule, func(t *testing.T) {
			log := "first line\n" + row.line + "\nlast line\n"
			if found := secrets.FoundIn([]byte(log)); (len(found) == 1) != row.found {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestCrashesAreFound(t *testing.T) {
	log := "{\"msg\":\"ready\"}\nWARNING: DATA RACE\npanic: oh\n{\"msg\":\"route panicked\"}\n"
	if found := Crashes([]byte(log)); len(found) != 3 {
		t.Errorf("found %q", found)
	}
}
