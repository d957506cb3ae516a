package bank

import (
	"net/http"

	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// maxUsername bounds a user name that is shown, in characters.
const maxUsername = 64

// loginView is what the login page shows.
type loginView struct {
	frame
	Username string
	// Wrong tells that a password was tried and is not the user's.
	Wrong bool
}

func (b *Bank) showLogin(w http.ResponseWriter, httpStatus int, view loginView) {
	view.Title = "Log in"
	render(w, httpStatus, "login.html", view.frame, view)
}

// login takes a name and a password, or the wish to leave.
func (b *Bank) login(w http.ResponseWriter, r *http.Request) {
	form, ok := b.read(w, r, loginPage)
	if !ok {
		return
	}
	if form.chose(fieldDeny) {
		b.refuse(w, r, form.reference, interactionv1.Refusal_REASON_ACCESS_DENIED)
		return
	}
	interaction, ok := b.get(w, r, form.reference)
	if !ok {
		return
	}
	name := form.values.Get(fieldUsername)
	user, ok := authenticate(name, form.values.Get(fieldPassword))
	if !ok {
		// RFC 9110 §15.5.2: 401 names a scheme; browsers pass over one that they
		// do not know, and show the page.
		w.Header().Set("WWW-Authenticate", `Form realm="bank"`)
		b.showLogin(w, http.StatusUnauthorized, loginView{
			frame:    b.frame(loginPage, form.browser, form.reference, interaction),
			Username: plain(name, maxUsername),
			Wrong:    true,
		})
		return
	}
	setCookie(w, b.sessions.start(form.browser, session{user: user, authTime: b.clock.Now(), during: form.reference}))
	seeOther(w, form.url())
}
