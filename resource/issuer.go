package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// issuer is the authorization server, known by what it publishes.
type issuer struct {
	identifier string
	client     *http.Client
	metadata   *document[metadata.Server]
	keys       *document[*jose.KeySet]
}

func newIssuer(identifier string, client *http.Client, clock Clock, log *slog.Logger) *issuer {
	i := &issuer{identifier: identifier, client: client}
	i.metadata = &document[metadata.Server]{name: "metadata", fetch: i.fetchMetadata, clock: clock, log: log}
	i.keys = &document[*jose.KeySet]{name: "keys", fetch: i.fetchKeys, clock: clock, log: log}
	return i
}

// verify checks the signature with the issuer's keys, and looks for new ones
// where none fits, so that a rotation is felt at once.
func (i *issuer) verify(ctx context.Context, signed *jose.Signed) error {
	keys, err := i.keys.get(ctx)
	if err != nil {
		return unavailable(err)
	}
	err = signed.Verify(keys.value, algorithms...)
	if errors.Is(err, jose.ErrKey) {
		if keys, err = i.keys.newer(ctx, keys); err != nil {
			return unavailable(err)
		}
		err = signed.Verify(keys.value, algorithms...)
	}
	if err != nil {
		return oauth.InvalidToken("the signature of the access token is not good").By("AT-2").Because(err)
	}
	return nil
}

// fetchMetadata is OpenID Connect Discovery §4. The issuer member must be the
// one configured, or another server's keys would speak for ours (§4.3).
func (i *issuer) fetchMetadata(ctx context.Context) (metadata.Server, time.Duration, error) {
	body, fresh, err := i.get(ctx, strings.TrimSuffix(i.identifier, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return metadata.Server{}, 0, err
	}
	var server metadata.Server
	if err := json.Unmarshal(body, &server); err != nil {
		return metadata.Server{}, 0, fmt.Errorf("resource: metadata: %w", err)
	}
	if server.Issuer != i.identifier {
		return metadata.Server{}, 0, errors.New("resource: the metadata is of another issuer")
	}
	return server, fresh, nil
}

func (i *issuer) fetchKeys(ctx context.Context) (*jose.KeySet, time.Duration, error) {
	server, err := i.metadata.get(ctx)
	if err != nil {
		return nil, 0, err
	}
	body, fresh, err := i.get(ctx, server.value.JWKSURI)
	if err != nil {
		return nil, 0, err
	}
	keys, err := jose.ParseKeySet(body)
	return keys, fresh, err
}

func (i *issuer) get(ctx context.Context, address string) ([]byte, time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	body, header, err := fetch(i.client, request)
	return body, freshness(header), err
}
