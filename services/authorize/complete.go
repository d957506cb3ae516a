package authorize

import (
	"context"
	"net/url"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// errWayBack is the one answer to a browser that cannot complete: it brought not
// both halves, or not in time, or once its code was spent (BAD-86, BAD-87, BAD-99).
var errWayBack = oauth.InvalidRequest("this browser has no authorization in progress that could be completed here").By("AZ-6")

// Complete takes the browser back. It goes on only for one that brings both the
// handle, which the bank gave to the browser that answered, and the cookie,
// which the browser got that began.
//
// The session ends last. Whatever fails before may be done again by the same browser,
// which reloads, for each step before knows the session and does nothing twice: the
// request_uri burns for the session, its row brings the same grant, and the two
// secrets the same code. What has ended is told again and not done again. So neither a
// store that is away nor a lost reply ends a flow.
func (s *Service) Complete(ctx context.Context, req *authorizev1.CompleteRequest) (*authorizev1.BrowserReply, error) {
	scope := rpc.From(ctx)
	id, secret := split(req.GetHandle())
	if id == "" {
		return nil, errWayBack
	}
	session, found, err := s.sessions.Get(ctx, scope.Issuer.Name, id)
	if err != nil {
		return nil, err
	}
	cookie := req.GetCookies()[cookieName(id)]
	if !found || session.Answer == nil || !s.clock.Now().Before(session.Expires) ||
		!oauth.Equal(oauth.Hash(secret), session.Answer.HandleHash) || !oauth.Equal(oauth.Hash(cookie), session.CookieHash) {
		return nil, errWayBack
	}
	rpc.Concerns(ctx, session.ClientID)
	rpc.ConcernsGrant(ctx, "", authorizationID(id))
	back := wayBack{id: id, session: session, code: codeOf(secret, cookie)}
	if session.EndedBy != "" { // before anything is done again: the code's life must not begin anew
		return s.again(ctx, back)
	}
	if err := s.consume(ctx, id, session); err != nil {
		return nil, err
	}
	if session.Answer.Refused == "" {
		if err := s.issue(ctx, back); err != nil {
			return nil, err
		}
	}
	ended, err := s.sessions.Burn(ctx, scope.Issuer.Name, id, scope.Attempt(), 2*scope.Issuer.Lifetimes.Session)
	if err != nil {
		return nil, err
	}
	if !ended {
		return s.again(ctx, back)
	}
	return back.reply(scope.Issuer), nil
}

// again tells a browser how its flow ended, which has the cookie still, for its first
// reply was lost or is on its way. It makes nothing and lengthens nothing: a code is
// told while it is good and nobody spent it, a refusal while the session would last.
func (s *Service) again(ctx context.Context, back wayBack) (*authorizev1.BrowserReply, error) {
	of := rpc.From(ctx).Issuer
	if back.session.Answer.Refused == "" {
		code, found, err := s.codes.Get(ctx, of.Name, back.code)
		if err != nil {
			return nil, err
		}
		if !found || code.SpentBy != "" || !s.clock.Now().Before(code.Expires) {
			return nil, errWayBack
		}
	}
	return back.reply(of), nil
}

// wayBack is a browser that brought both halves.
type wayBack struct {
	id      string
	session store.Session
	code    string
}

// reply sends the browser to the client and takes the cookie away, so that who was told
// comes back no more. The authorization response is a code, or the user's refusal. Both
// carry iss (SP2-27: RFC 9207 §2) and the state verbatim where one was sent.
func (w wayBack) reply(of *issuer.Issuer) *authorizev1.BrowserReply {
	response := newResponse(of, w.session)
	if refused := w.session.Answer.Refused; refused != "" {
		response.Set(oauth.ParamError, refused)
		response.Set(oauth.ParamErrorDescription, "the bank answered "+strings.ReplaceAll(refused, "_", " "))
	} else {
		response.Set(oauth.ParamCode, w.code)
	}
	return &authorizev1.BrowserReply{
		Location:   oauth.AddToRedirect(w.session.Params[oauth.ParamRedirectURI], response),
		SetCookies: []*authorizev1.Cookie{{Name: cookieName(w.id), MaxAge: -1}},
	}
}

// consume burns the request_uri, whatever the user decided. It burns for the session
// and not for this attempt: the session may come again, and another of the same
// request may not.
func (s *Service) consume(ctx context.Context, id string, session store.Session) error {
	call := proto.CloneOf(rpc.From(ctx).Call())
	call.AttemptId = "session " + authorizationID(id)
	_, err := s.requests.Consume(ctx, &parv1.ConsumeRequest{Call: call, RequestUri: session.RequestURI})
	return err
}

// newResponse begins every authorization response, errors included.
func newResponse(of *issuer.Issuer, session store.Session) url.Values {
	response := url.Values{oauth.ParamIss: {of.Identifier}}
	if state := session.Params[oauth.ParamState]; state != "" {
		response.Set(oauth.ParamState, state)
	}
	return response
}

// refuseByRedirect tells the client why its request cannot go on. Its
// redirect_uri was verified when the request was pushed. Only a refusal of the
// request itself travels; a store that cannot answer becomes a page.
func refuseByRedirect(of *issuer.Issuer, session store.Session, err error) (*authorizev1.BrowserReply, error) {
	refusal, ok := oauth.AsError(err)
	if !ok || refusal.HTTPStatus() >= 500 {
		return nil, err
	}
	response := newResponse(of, session)
	response.Set(oauth.ParamError, refusal.Code)
	response.Set(oauth.ParamErrorDescription, refusal.Description)
	return &authorizev1.BrowserReply{Location: oauth.AddToRedirect(session.Params[oauth.ParamRedirectURI], response)}, nil
}
