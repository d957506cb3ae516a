package ecosystem

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/sandbox/credential"
)

const (
	// registrationPatience is how long the bank waits for an issuer to answer
	// when everything starts together.
	registrationPatience = time.Minute
	registrationPause    = 200 * time.Millisecond
)

// ensureResourceServer is the bank's credential at an issuer; it is registered as
// any client is, with a token that opens resource servers.
func ensureResourceServer(ctx context.Context, client *http.Client, at BankIssuer, cfg BankConfig) (*credential.File, error) {
	patience, cancel := context.WithTimeout(ctx, registrationPatience)
	defer cancel()
	for {
		own, _, err := credential.Ensure(patience, client, at.Credential, credential.Registration{
			Endpoint:           strings.TrimSuffix(at.Issuer, "/") + string(issuer.Registration),
			Issuer:             at.Issuer,
			InitialAccessToken: cfg.InitialAccessToken.Reveal(),
			Metadata:           metadata.Client{ClientName: "Demo bank API", Resource: cfg.Resource},
		})
		if err == nil {
			return own, nil
		}
		select {
		case <-patience.Done():
			return nil, fmt.Errorf("the bank could not register its API at %s: %w", at.Issuer, err)
		case <-time.After(registrationPause):
		}
	}
}
