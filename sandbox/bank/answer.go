package bank

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// callTimeout is how long the bank waits for the interaction API.
const callTimeout = 5 * time.Second

// get reads an interaction; where it answers false, a page has said why not.
func (b *Bank) get(w http.ResponseWriter, r *http.Request, ref reference) (*interactionv1.Interaction, bool) {
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	interaction, err := b.interactions.GetInteraction(ctx, &interactionv1.GetInteractionRequest{Issuer: ref.issuer, Ticket: ref.ticket})
	if err != nil {
		b.failed(w, r, err)
	}
	return interaction, err == nil
}

// approve answers that the user allows everything that the page showed.
func (b *Bank) approve(w http.ResponseWriter, r *http.Request, ref reference, login session) {
	interaction, ok := b.get(w, r, ref)
	if !ok {
		return
	}
	var scopes []string
	for _, scope := range interaction.GetScopes() {
		scopes = append(scopes, scope.GetName())
	}
	b.answer(w, r, &interactionv1.AnswerInteractionRequest{
		Issuer: ref.issuer,
		Ticket: ref.ticket,
		Answer: &interactionv1.AnswerInteractionRequest_Approval{Approval: &interactionv1.Approval{
			Subject:  login.user.subject,
			AuthTime: login.authTime.Unix(),
			Acr:      b.acr,
			Amr:      []string{"pwd"}, // RFC 8176 §2
			Scopes:   scopes,
		}},
	})
}

// refuse answers why there is no approval.
func (b *Bank) refuse(w http.ResponseWriter, r *http.Request, ref reference, reason interactionv1.Refusal_Reason) {
	b.answer(w, r, &interactionv1.AnswerInteractionRequest{
		Issuer: ref.issuer,
		Ticket: ref.ticket,
		Answer: &interactionv1.AnswerInteractionRequest_Refusal{Refusal: &interactionv1.Refusal{Reason: reason}},
	})
}

// answer tells the suite, which takes one answer (BAD-86), and sends the browser
// where the suite says. Whoever reloads after a 503 sends the same answer again.
func (b *Bank) answer(w http.ResponseWriter, r *http.Request, request *interactionv1.AnswerInteractionRequest) {
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	response, err := b.interactions.AnswerInteraction(ctx, request)
	if err != nil {
		b.failed(w, r, err)
		return
	}
	seeOther(w, response.GetRedirectTo())
}

// failed shows why the interaction API did not do as asked.
func (b *Bank) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch status.Code(err) {
	case codes.NotFound, codes.FailedPrecondition, codes.InvalidArgument:
		failPage(w, http.StatusBadRequest, invalidRequest, "This request is closed",
			"It has expired, or it has been answered before. Please go back to the app that sent you here, and start again.")
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled:
		b.log.WarnContext(r.Context(), "interaction API does not answer", "cause", err)
		w.Header().Set("Retry-After", "1")
		failPage(w, http.StatusServiceUnavailable, oauth.CodeTemporarilyUnavailable, "Please try again", "We cannot answer at the moment. Nothing was lost: reload this page in a few seconds.")
	default:
		b.log.ErrorContext(r.Context(), "interaction API refused the bank", "cause", err)
		failPage(w, http.StatusInternalServerError, oauth.CodeServerError, "Something is wrong on our side", "Please try again later.")
	}
}

// seeOther makes the browser GET the next page whatever it sent, so that a
// password never travels on (BAD-82: 303, never 307).
func seeOther(w http.ResponseWriter, location string) {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
}
