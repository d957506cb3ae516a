package authorize

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// Begin copies the pushed request into a session of this browser's and sends the
// browser to the bank. Beginning twice works: only completing burns (SP2-35).
// Whatever fails here becomes a page: nothing has proved a redirect_uri yet.
func (s *Service) Begin(ctx context.Context, req *authorizev1.BeginRequest) (*authorizev1.BrowserReply, error) {
	scope := rpc.From(ctx)
	facts := scope.Issuer.Facts()
	facts.Params = req.GetParams()
	if err := scope.Issuer.Rules().Check(profile.Begin, facts); err != nil {
		return nil, err
	}
	clientID, requestURI := req.GetParams()[oauth.ParamClientID], req.GetParams()[oauth.ParamRequestURI]
	client, err := s.activeClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	request, err := s.requests.Resolve(ctx, &parv1.ResolveRequest{Call: scope.Call(), ClientId: clientID, RequestUri: requestURI})
	if err != nil {
		return nil, err
	}
	if !oauth.MatchRedirectURI(request.GetParams()[oauth.ParamRedirectURI], client.GetRedirectUris()) {
		return nil, oauth.InvalidRequest("redirect_uri is no longer registered for this client").By("PAR-5")
	}
	session := store.Session{
		ClientID:   clientID,
		ClientName: client.GetClientName(),
		RequestURI: requestURI,
		Params:     request.GetParams(),
		Expires:    s.clock.Now().Add(scope.Issuer.Lifetimes.Session),
		Refreshes:  slices.Contains(client.GetGrantTypes(), oauth.GrantRefreshToken),
	}
	session.ExpectedSubject, err = s.expectedSubject(ctx, session)
	if err != nil {
		return refuseByRedirect(scope.Issuer, session, err)
	}
	return s.open(ctx, scope.Issuer, session)
}

// activeClient is the client, or a refusal for the page: a browser cannot mend
// client authentication, so a client that is unknown is an invalid request
// (AZ-1, RFC 6749 §4.1.2.1).
func (s *Service) activeClient(ctx context.Context, clientID string) (*clientregv1.Client, error) {
	answer, err := s.clients.GetClient(ctx, &clientregv1.GetClientRequest{Call: rpc.From(ctx).Call(), ClientId: clientID})
	if refusal, ok := oauth.AsError(err); ok && refusal.Code == oauth.CodeInvalidClient {
		return nil, oauth.InvalidRequest("client_id is unknown").By("AZ-1").Because(errors.New("no active client"))
	}
	return answer.GetClient(), err
}

// open keeps the session under a fresh id and tells the browser its two halves:
// the ticket, in the URL of the bank's page, and the cookie, which stays here.
// A mailed URL therefore carries only one of them (BAD-99).
func (s *Service) open(ctx context.Context, i *issuer.Issuer, session store.Session) (*authorizev1.BrowserReply, error) {
	id, ticket, cookie := oauth.NewSecret(), oauth.NewSecret(), oauth.NewSecret()
	session.TicketHash, session.CookieHash = oauth.Hash(ticket), oauth.Hash(cookie)
	if err := s.sessions.Put(ctx, i.Name, id, session, i.Lifetimes.Session); err != nil {
		return nil, err
	}
	query := url.Values{"issuer": {i.Name}, "ticket": {join(id, ticket)}}
	return &authorizev1.BrowserReply{
		Location:   i.InteractionURL + "?" + query.Encode(),
		SetCookies: []*authorizev1.Cookie{{Name: cookieName(id), Value: cookie, MaxAge: int32(i.Lifetimes.Session.Seconds())}},
	}, nil
}
