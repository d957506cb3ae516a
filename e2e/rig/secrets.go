package rig

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// window is how much of a secret must stand in a log to count as a leak, in
// bytes: less would be found by chance.
const window = 16

// Secrets remembers what must never stand in a log, and who sent or received it.
type Secrets struct {
	mu sync.Mutex
	// about tells what a piece of a secret belongs to.
	about map[[window]byte]string
	count int
}

func newSecrets() *Secrets { return &Secrets{about: map[[window]byte]string{}} }

// Remember keeps a secret by its end and its middle, so that a part of it is
// found too. A JWT ends with its signature and has its claims in the middle.
func (s *Secrets) Remember(test, kind, secret string) {
	if len(secret) < window {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	middle := (len(secret) - window) / 2
	for _, piece := range []string{secret[len(secret)-window:], secret[middle : middle+window]} {
		s.about[[window]byte([]byte(piece))] = kind + " of " + test
	}
}

// Count is how many secrets are remembered.
func (s *Secrets) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// jwt is the beginning of any signed token. Those that the parts of the suite
// exchange among themselves never pass the rig, and must not be logged either.
var jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`)

// FoundIn lists the secrets that a log holds, each with the line where it stands.
func (s *Secrets) FoundIn(log []byte) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for line := range strings.Lines(string(log)) {
		if what := s.in(line); what != "" {
			found = append(found, fmt.Sprintf("%s stands in: %s", what, line))
		}
	}
	return found
}

func (s *Secrets) in(line string) string {
	if jwt.MatchString(line) {
		return "a signed token"
	}
	for n := range len(line) - window + 1 {
		if what, ok := s.about[[window]byte([]byte(line[n:n+window]))]; ok {
			return what
		}
	}
	return ""
}

// parameters that are secrets, wherever they come: in forms, answers, redirects
// and pages.
var secretParameters = []string{
	"client_assertion", "code", "code_verifier", "token", "access_token", "refresh_token", "id_token",
	"registration_access_token", "request_uri", "ticket", "handle", "csrf",
}

func (s *Secrets) ofValues(test string, values url.Values) {
	for _, name := range secretParameters {
		for _, value := range values[name] {
			s.Remember(test, name, value)
		}
	}
}

// ofLayout remembers the secrets that the sandbox keeps in files; of an address
// its password.
func (s *Secrets) ofLayout(l *layout.Layout) {
	for _, name := range []string{layout.InitialAccessToken, "resource-server-token", "key-encryption-key", "redis-url", "sql-dsn"} {
		content, err := os.ReadFile(l.File(name))
		if err != nil {
			continue // embedded stores have none
		}
		text := strings.TrimSpace(string(content))
		if address, err := url.Parse(text); err == nil && address.Scheme != "" {
			text, _ = address.User.Password()
		}
		s.Remember("the sandbox", name, text)
	}
}
