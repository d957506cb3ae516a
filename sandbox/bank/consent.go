package bank

import (
	"net/http"
	"time"

	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// consentView is what the consent page shows.
type consentView struct {
	frame
	User   string
	Scopes []scopeView
	// Until is when the interaction ends, to show and for the datetime attribute.
	Until, UntilISO string
}

type scopeView struct{ Name, Description string }

func (b *Bank) showConsent(w http.ResponseWriter, f frame, login session, interaction *interactionv1.Interaction) {
	until := time.Unix(interaction.GetExpiresAt(), 0).UTC()
	f.Title = "Give access"
	view := consentView{frame: f, User: login.user.name, Until: until.Format("15:04 UTC"), UntilISO: until.Format(time.RFC3339)}
	for _, scope := range interaction.GetScopes() {
		view.Scopes = append(view.Scopes, scopeView{plain(scope.GetName(), 64), plain(scope.GetDescription(), 200)})
	}
	render(w, http.StatusOK, "consent.html", f, view)
}

// consent takes the user's decision on what the page showed. A form without a
// decision decides nothing, and one with two of them denies.
func (b *Bank) consent(w http.ResponseWriter, r *http.Request) {
	form, ok := b.read(w, r, consentPage)
	if !ok {
		return
	}
	login, live := b.sessions.live(form.browser, b.clock.Now())
	switch {
	case form.chose(fieldDeny):
		b.refuse(w, r, form.reference, interactionv1.Refusal_REASON_ACCESS_DENIED)
	case form.chose(fieldSwitch):
		b.sessions.end(form.browser)
		seeOther(w, form.url())
	case !live: // the login ended while the page was open
		seeOther(w, form.url())
	case form.chose(fieldApprove):
		b.approve(w, r, form.reference, login)
	default:
		failPage(w, http.StatusBadRequest, invalidRequest, "Nothing was decided", "Please go back, and approve or deny.")
	}
}
