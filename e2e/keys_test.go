//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// TestOperatorRotatesKeys: what an operator does on the command line beside the running
// processes is published by both nodes within seconds, and nobody's flow ends (CRY-8).
func TestOperatorRotatesKeys(t *testing.T) {
	t.Parallel()
	s := processes.suite(t)
	before := publishedKeys(t, s)
	printed, err := s.Operate(t.Context(), "strongroom-keys", "rotate", "keys", "--issuer", rig.FAPI2, "--purpose", "access_token")
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	if !strings.Contains(printed, "active") || !strings.Contains(printed, "next") {
		t.Errorf("printed %s", printed)
	}
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if publishedKeys(t, s) == before+1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the next key is not published after 15 seconds")
		}
	}
	if listed, err := s.Operate(t.Context(), "strongroom-keys", "list", "keys", "--issuer", rig.FAPI2, "--purpose", "access_token"); err != nil || strings.Count(listed, "access_token") != 2 {
		t.Errorf("%v: %s", err, listed)
	}
}

// publishedKeys counts the keys in the issuer's JWK set.
func publishedKeys(t *testing.T, s *rig.Suite) int {
	t.Helper()
	answer := s.Send(t, rig.Get(s.Metadata(rig.FAPI2).JWKSURI)).Is(t, http.StatusOK)
	set, err := jose.ParseKeySet(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return len(set.Keys())
}
