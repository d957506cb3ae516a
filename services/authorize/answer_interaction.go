package authorize

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// refusals is the list of refusals, in the words of OAuth.
var refusals = map[interactionv1.Refusal_Reason]string{
	interactionv1.Refusal_REASON_ACCESS_DENIED:                     oauth.CodeAccessDenied,
	interactionv1.Refusal_REASON_LOGIN_REQUIRED:                    oauth.CodeLoginRequired,
	interactionv1.Refusal_REASON_CONSENT_REQUIRED:                  oauth.CodeConsentRequired,
	interactionv1.Refusal_REASON_INTERACTION_REQUIRED:              oauth.CodeInteractionRequired,
	interactionv1.Refusal_REASON_UNMET_AUTHENTICATION_REQUIREMENTS: oauth.CodeUnmetAuthentication,
	interactionv1.Refusal_REASON_TEMPORARILY_UNAVAILABLE:           oauth.CodeTemporarilyUnavailable,
}

// AnswerInteraction keeps what the user decided, once, and answers the way back
// for the browser that decided. The answer alone changes nothing that any other
// browser can see (BAD-99).
//
// An app that was told 503, or nothing, sends the same answer again and is answered
// the same, until the browser has come back: another answer is refused. The trail is
// told each time, for nobody knows whether it was told before.
func (i *interactions) AnswerInteraction(ctx context.Context, req *interactionv1.AnswerInteractionRequest) (*interactionv1.AnswerInteractionResponse, error) {
	of := rpc.From(ctx).Issuer
	id, session, err := i.find(ctx, req.GetTicket())
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(actor(ctx), req)
	if err != nil {
		return nil, err
	}
	if session.Answer == nil {
		if session.Answer, err = i.keep(ctx, id, session, digest, req); err != nil {
			return nil, err
		}
	}
	if !oauth.Equal(session.Answer.Digest, digest) {
		return nil, errAnswered
	}
	if err := i.audit.Record(ctx, answered(actor(ctx), id, session)); err != nil {
		return nil, err
	}
	query := url.Values{"handle": {handleOf(req.GetTicket(), session.Answer.HandleSeed)}}
	return &interactionv1.AnswerInteractionResponse{RedirectTo: of.URL(issuer.Return) + "?" + query.Encode()}, nil
}

// keep keeps an answer, and answers the one that was kept before where another call
// was faster.
func (i *interactions) keep(ctx context.Context, id string, session store.Session, digest string, req *interactionv1.AnswerInteractionRequest) (*store.KeptAnswer, error) {
	of := rpc.From(ctx).Issuer
	answer, err := i.answer(req, session)
	if err != nil {
		return nil, err
	}
	seed := oauth.NewSecret()
	_, secret := split(handleOf(req.GetTicket(), seed))
	kept, err := i.sessions.Answer(ctx, of.Name, id, store.KeptAnswer{
		Answer: answer, HandleHash: oauth.Hash(secret), HandleSeed: seed, Digest: digest,
	}, of.Lifetimes.Session)
	return &kept, err
}

// digestOf is the same for the same answer of the same app. The ticket is in it, so
// that who reads the store cannot find out a user by trying.
func digestOf(app string, req *interactionv1.AnswerInteractionRequest) (string, error) {
	sent, err := proto.MarshalOptions{Deterministic: true}.Marshal(req)
	return oauth.Hash(app + "\n" + string(sent)), err
}

// answered is what the audit trail tells of an answer.
func answered(actor, id string, session store.Session) audit.Event {
	answer := session.Answer
	event := audit.Event{
		Kind: audit.InteractionApproved, Actor: actor, ClientID: session.ClientID,
		AuthorizationID: authorizationID(id), Subject: answer.Subject, Scopes: answer.Scopes,
	}
	if answer.Refused != "" {
		event.Kind, event.Error = audit.InteractionRefused, answer.Refused
	}
	return event
}

func (i *interactions) answer(req *interactionv1.AnswerInteractionRequest, session store.Session) (store.Answer, error) {
	if refusal := req.GetRefusal(); refusal != nil {
		code, ok := refusals[refusal.GetReason()]
		if !ok {
			return store.Answer{}, invalid("refusal.reason is required").By("AZ-6")
		}
		return store.Answer{Refused: code}, nil
	}
	approval := req.GetApproval()
	if approval == nil {
		return store.Answer{}, invalid("an approval or a refusal is required").By("AZ-6")
	}
	if fault := i.approvalFault(approval, session); fault != nil {
		return store.Answer{}, fault
	}
	if code := unmet(approval, session); code != "" {
		return store.Answer{Refused: code}, nil
	}
	return store.Answer{
		Subject:  approval.GetSubject(),
		Scopes:   approval.GetScopes(),
		AuthTime: approval.GetAuthTime(),
		ACR:      approval.GetAcr(),
		AMR:      approval.GetAmr(),
	}, nil
}

// unmet is the error that a client gets in place of an approval that is not the
// one it asked for: by another user than it named (OIDC-2: OpenID Connect Core
// §3.1.2.1), or by a weaker authentication than it needs (STEP-1: RFC 9470 §5).
func unmet(approval *interactionv1.Approval, session store.Session) string {
	wanted := wantedACR(session.Params)
	switch {
	case session.ExpectedSubject != "" && session.ExpectedSubject != approval.GetSubject():
		return oauth.CodeLoginRequired
	case len(wanted) > 0 && !slices.Contains(wanted, approval.GetAcr()):
		return oauth.CodeUnmetAuthentication
	}
	return ""
}

// clockSkew is how far ahead of ours the app's clock may be.
const clockSkew = 10 * time.Second

// approvalFault is what is wrong with an approval, or nothing.
func (i *interactions) approvalFault(approval *interactionv1.Approval, session store.Session) *appRefusal {
	requested, _ := oauth.ParseScope(session.Params[oauth.ParamScope])
	now := i.clock.Now()
	authTime := time.Unix(approval.GetAuthTime(), 0)
	switch {
	case !validSubject(approval.GetSubject()):
		return invalid("approval.subject must be 1 to 255 printable ASCII characters").By("OIDC-1")
	case strings.HasPrefix(approval.GetSubject(), oauth.ClientIDPrefix):
		return invalid("approval.subject must not begin with " + oauth.ClientIDPrefix).By("CRY-9")
	case len(approval.GetScopes()) == 0 || !oauth.Subset(approval.GetScopes(), requested):
		return invalid("approval.scopes must be a part of the scopes asked for").By("AZ-6")
	case approval.GetAuthTime() <= 0 || authTime.After(now.Add(clockSkew)):
		return invalid("approval.auth_time must be the unix time of the authentication, in seconds").By("OIDC-2")
	}
	if seconds, ok := maxAge(session.Params); ok && now.Sub(authTime) > time.Duration(seconds)*time.Second+interactionAge {
		return invalid("approval.auth_time is older than the max_age of the request: authenticate the user again").By("OIDC-2")
	}
	return nil
}

func invalid(text string) *appRefusal { return refuse(codes.InvalidArgument, text) }

// interactionAge is how long a user may have looked at the consent page after an
// authentication that was fresh enough when the interaction began: max_age=0
// asks for a login, not for an instant consent.
const interactionAge = 10 * time.Minute

// validSubject tells whether a text can be a sub claim.
func validSubject(subject string) bool {
	if subject == "" || len(subject) > 255 {
		return false
	}
	for n := range len(subject) {
		if subject[n] <= 0x20 || subject[n] > 0x7e {
			return false
		}
	}
	return true
}
