package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// register registers count clients (RFC 7591), alike but for their ids, with
// the bearer token that the sandbox wrote.
func (s *server) register(ctx context.Context, c *client, initial string, count int, dpop bool) ([]string, error) {
	body, err := registration(c, dpop)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ids := make([]string, count)
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(connections, count) {
		group.Go(func() {
			sender := s.sender(nil)
			defer sender.CloseIdleConnections()
			for n := int(next.Add(1)) - 1; n < count && ctx.Err() == nil; n = int(next.Add(1)) - 1 {
				var err error
				if ids[n], err = s.registerPatiently(ctx, sender, initial, body); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	return ids, context.Cause(ctx)
}

func registration(c *client, dpop bool) ([]byte, error) {
	keys, err := c.jwks()
	if err != nil {
		return nil, err
	}
	return json.Marshal(metadata.Client{
		ClientName:              "bench",
		RedirectURIs:            []string{redirectURI},
		TokenEndpointAuthMethod: oauth.AuthPrivateKeyJWT,
		GrantTypes:              []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
		ResponseTypes:           []string{oauth.ResponseTypeCode},
		CertificateBoundTokens:  !dpop,
		DPoPBoundTokens:         dpop,
		JWKS:                    metadata.Document(keys),
	})
}

// startPatience is how long parts that start as processes of their own may take until
// all of them answer; discovery needs only the gateway.
const startPatience = 15 * time.Second

var errNotYet = errors.New("not yet")

func (s *server) registerPatiently(ctx context.Context, sender *http.Client, initial string, body []byte) (string, error) {
	deadline := time.Now().Add(startPatience)
	for {
		id, err := s.registerOne(ctx, sender, initial, body)
		if !errors.Is(err, errNotYet) || time.Now().After(deadline) {
			return id, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *server) registerOne(ctx context.Context, sender *http.Client, initial string, body []byte) (string, error) {
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, s.metadata.RegistrationEndpoint, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+initial)
	answer, err := sender.Do(call)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return "", err
	}
	var registered metadata.Information
	if answer.StatusCode != http.StatusCreated || json.Unmarshal(text, &registered) != nil {
		refused := fmt.Errorf("registration answers %s: %s", answer.Status, text)
		if answer.StatusCode == http.StatusServiceUnavailable {
			refused = errors.Join(errNotYet, refused)
		}
		return "", refused
	}
	return registered.ClientID, nil
}
