// Package bank is the demo bank of the sandbox: the pages where its users log in
// and decide, and the API that their consent opens. It shows how a bank's own app
// meets the suite: a browser arrives with a ticket, the app reads the interaction
// by it, and answers what the user decided.
//
// The bank keeps no state but who is logged in, in memory: after a restart its
// users log in again.
package bank

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// Config is what users write.
type Config struct {
	// ACR is the authentication context class of a login with a password, as told
	// to the server. Default urn:strongroom:acr:pwd.
	ACR string `yaml:"acr"`
	// SessionLifetime is how long a login lasts, from the login on. Default 30m.
	SessionLifetime time.Duration `yaml:"session_lifetime"`
	// MaxSessions is how many logins live at once; one more ends the oldest.
	// Default 10000.
	MaxSessions int `yaml:"max_sessions"`
}

// Deps is what code passes.
type Deps struct {
	// Interactions is the interaction API, called as the bank.
	Interactions interactionv1.InteractionServiceClient
	Clock        clock.Clock
	Log          *slog.Logger
}

// Bank is the bank's login and consent app.
type Bank struct {
	acr          string
	interactions interactionv1.InteractionServiceClient
	clock        clock.Clock
	log          *slog.Logger
	sessions     *sessions
	csrfKey      [32]byte // lives as long as the process, as sessions do
}

// New makes a bank where nobody is logged in.
func New(cfg Config, deps Deps) *Bank {
	if cfg.ACR == "" {
		cfg.ACR = "urn:strongroom:acr:pwd"
	}
	if cfg.SessionLifetime == 0 {
		cfg.SessionLifetime = 30 * time.Minute
	}
	if cfg.MaxSessions == 0 {
		cfg.MaxSessions = 10_000
	}
	b := &Bank{
		acr:          cfg.ACR,
		interactions: deps.Interactions,
		clock:        deps.Clock,
		log:          deps.Log,
		sessions:     newSessions(cfg.SessionLifetime, cfg.MaxSessions),
	}
	_, _ = rand.Read(b.csrfKey[:]) // never fails
	return b
}

// Pages is what users see. It belongs on an origin of its own, over TLS.
func (b *Bank) Pages() http.Handler {
	return router{
		routes: []route{
			{"GET", interactionPath, http.HandlerFunc(b.show)},
			{"POST", loginPath, http.HandlerFunc(b.login)},
			{"POST", consentPath, http.HandlerFunc(b.consent)},
			{"GET", "/healthz", http.HandlerFunc(healthz)},
		},
		header: pageHeader,
		fail: func(w http.ResponseWriter, httpStatus int) {
			failPage(w, httpStatus, invalidRequest, "There is no such page", "Please go back to the app that sent you here, and start again.")
		},
	}
}

func healthz(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
