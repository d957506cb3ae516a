package authorize

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// GetInteraction tells the bank's app what its user is to decide. It may be read
// again until the browser has come back, for pages are reloaded, and for an app that
// was told 503 reads before it answers again.
func (i *interactions) GetInteraction(ctx context.Context, req *interactionv1.GetInteractionRequest) (*interactionv1.Interaction, error) {
	_, session, err := i.find(ctx, req.GetTicket())
	if err != nil {
		return nil, err
	}
	of := rpc.From(ctx).Issuer
	interaction := &interactionv1.Interaction{
		Client:          &interactionv1.InteractionClient{ClientId: session.ClientID, ClientName: session.ClientName},
		Scopes:          requestedScopes(of, session.Params[oauth.ParamScope]),
		Prompt:          strings.Fields(session.Params["prompt"]),
		AcrValues:       wantedACR(session.Params),
		ExpectedSubject: session.ExpectedSubject,
		LoginHint:       session.Params["login_hint"],
		UiLocales:       session.Params["ui_locales"],
		ExpiresAt:       session.Expires.Unix(),
		ReturnOrigins:   []string{origin(of.Identifier), origin(session.Params[oauth.ParamRedirectURI])},
	}
	if maxAge, ok := maxAge(session.Params); ok {
		interaction.MaxAge = &maxAge
	}
	return interaction, nil
}

// maxAge is the max_age parameter in seconds; the profile refused any other text.
func maxAge(params map[string]string) (int64, bool) {
	seconds, err := strconv.ParseInt(params["max_age"], 10, 64)
	return seconds, err == nil
}

func requestedScopes(of *issuer.Issuer, scope string) []*interactionv1.RequestedScope {
	values, _ := oauth.ParseScope(scope)
	descriptions := make(map[string]string, len(of.Scopes))
	for _, s := range of.Scopes {
		descriptions[s.Name] = s.Description
	}
	requested := make([]*interactionv1.RequestedScope, len(values))
	for n, value := range values {
		requested[n] = &interactionv1.RequestedScope{Name: value, Description: descriptions[value]}
	}
	return requested
}

// origin is scheme://host:port of a URL.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
