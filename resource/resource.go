// Package resource is what a bank's API imports to check the access tokens it
// is sent (FAPI 2.0 Security Profile §5.3.4, requirements RS2-1 to RS2-6):
//
//	verifier, err := resource.New(config, resource.Deps{})
//	mux.Handle("GET /accounts", verifier.Require("accounts")(accounts))
//
// A request passes only with a token of the one configured issuer, for this
// API, within its time, with every scope asked for, and sent by whom it is
// bound to: the holder of the client certificate (RFC 8705 §3) or of the DPoP
// key (RFC 9449 §7) named in its cnf. Everything else is answered as RFC 6750 §3
// and RFC 9449 §7.1 say.
//
// The TLS connection must end in the API's own process and ask for a client
// certificate (tls.RequestClientCert or stricter), because the certificate of
// the connection is the only one that counts.
package resource

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// Deps is what code passes to New. Every member may be left out but
// Introspect, which the mode Current needs.
type Deps struct {
	// HTTP fetches the issuer's metadata and keys. Default: a client that
	// trusts the system's roots. Redirects are never followed.
	HTTP *http.Client
	// Introspect asks whether a token stands; see NewIntrospector.
	Introspect Introspector
	// Nonces are demanded in every DPoP proof where they are given (RFC 9449
	// §9). Default: none.
	Nonces Nonces
	// Replays remembers the DPoP proofs that were used; replicas of an API must
	// share one. Default: NewReplays(DefaultReplays), for a single process.
	Replays Replays
	// Clock defaults to the system's.
	Clock Clock
	// Log hears of refusals, never of tokens. Default: slog.Default().
	Log *slog.Logger
}

func (d Deps) withDefaults() Deps {
	if d.Clock == nil {
		d.Clock = systemClock{}
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Replays == nil {
		d.Replays = NewReplays(DefaultReplays, d.Clock)
	}
	d.HTTP = withoutRedirects(d.HTTP)
	return d
}

// algorithms are those an access token or a proof may be signed with (CRY-1:
// FAPI 2.0 §5.4.1).
var algorithms = []jose.Algorithm{jose.PS256, jose.ES256, jose.EdDSA}

// Verifier checks access tokens for one API. It is safe for concurrent use.
type Verifier struct {
	config  Config
	issuer  *issuer
	answers *answers // nil in the mode Offline
	dpop    *dpop    // nil without Config.BaseURL
	clock   Clock
	log     *slog.Logger
}

// New makes a Verifier. It fetches nothing: the issuer is first asked when the
// first token comes, so that an API can start before its issuer does.
func New(config Config, deps Deps) (*Verifier, error) {
	if err := config.validate(deps); err != nil {
		return nil, err
	}
	deps = deps.withDefaults()
	v := &Verifier{
		config: config,
		issuer: newIssuer(config.Issuer, deps.HTTP, deps.Clock, deps.Log),
		clock:  deps.Clock,
		log:    deps.Log,
	}
	if config.Mode == Current {
		v.answers = newAnswers(deps.Introspect, deps.Clock)
	}
	if config.BaseURL != "" {
		v.dpop = newDPoP(config, deps)
	}
	return v, nil
}
