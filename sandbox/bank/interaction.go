package bank

import (
	"net/http"
	"slices"
	"time"

	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// Paths of the pages.
const (
	interactionPath = "/interactions"
	loginPath       = "/interactions/login"
	consentPath     = "/interactions/consent"
)

// show is where the authorization server sends the browser: it asks for a login
// where one is needed, else for the consent, which is asked for every time.
func (b *Bank) show(w http.ResponseWriter, r *http.Request) {
	ref, ok := referenceOf(r.URL.Query())
	if !ok {
		failPage(w, http.StatusBadRequest, invalidRequest, "This link is incomplete", "Please go back to the app that sent you here, and start again.")
		return
	}
	interaction, ok := b.get(w, r, ref)
	if !ok {
		return
	}
	browser := browserOf(w, r)
	login, live := b.sessions.live(browser, b.clock.Now())
	needed := !live || b.loginNeeded(login, ref, interaction)
	silent := slices.Contains(interaction.GetPrompt(), "none")
	switch {
	case silent && needed: // BAD-92: nothing may be shown
		b.refuse(w, r, ref, interactionv1.Refusal_REASON_LOGIN_REQUIRED)
	case silent:
		b.refuse(w, r, ref, interactionv1.Refusal_REASON_CONSENT_REQUIRED)
	case needed:
		b.showLogin(w, http.StatusOK, loginView{frame: b.frame(loginPage, browser, ref, interaction), Username: plain(interaction.GetLoginHint(), maxUsername)})
	default:
		b.showConsent(w, b.frame(consentPage, browser, ref, interaction), login, interaction)
	}
}

// loginNeeded tells whether a live login is not enough: the client asks for a new
// one, or for another user, or the login is older than max_age (OpenID Connect Core
// §3.1.2.1). One that was made for this interaction always is.
func (b *Bank) loginNeeded(login session, ref reference, interaction *interactionv1.Interaction) bool {
	if login.during == ref {
		return false
	}
	prompt := interaction.GetPrompt()
	if slices.Contains(prompt, "login") || slices.Contains(prompt, "select_account") {
		return true
	}
	age := b.clock.Now().Sub(login.authTime)
	return interaction.MaxAge != nil && age > time.Duration(interaction.GetMaxAge())*time.Second
}
