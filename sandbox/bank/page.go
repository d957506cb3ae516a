package bank

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

const invalidRequest = oauth.CodeInvalidRequest

//go:embed templates
var files embed.FS

// style stands in every page, so that a page is one answer; its hash in the policy
// admits it and nothing else. It has no comments: html/template would drop them,
// and the hash would not fit.
var style = text("templates/style.css")

var stylePolicy = func() string {
	hash := sha256.Sum256([]byte(style))
	return "style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
}()

var templates = func() map[string]*template.Template {
	layout := template.Must(template.New("layout").Parse(strings.Replace(text("templates/layout.html"), "STYLE", style, 1)))
	set := map[string]*template.Template{}
	for _, name := range []string{"login.html", "consent.html", "error.html"} {
		set[name] = template.Must(template.Must(layout.Clone()).Parse(text("templates/" + name)))
	}
	return set
}()

func text(file string) string {
	content, err := files.ReadFile(file)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(content)
}

// frame is what every page with a form has.
type frame struct {
	Title                string
	Action               string
	Issuer, Ticket, CSRF string
	ClientName, ClientID string
	returnOrigins        []string
}

func (b *Bank) frame(on page, browser browserID, ref reference, interaction *interactionv1.Interaction) frame {
	client := interaction.GetClient()
	f := frame{
		Action:        map[page]string{loginPage: loginPath, consentPage: consentPath}[on],
		Issuer:        ref.issuer,
		Ticket:        ref.ticket,
		CSRF:          b.csrf(on, browser, ref),
		ClientName:    plain(client.GetClientName(), maxClientName),
		ClientID:      plain(client.GetClientId(), 128),
		returnOrigins: interaction.GetReturnOrigins(),
	}
	if f.ClientName == "" {
		f.ClientName = f.ClientID
	}
	return f
}

// pageHeader is what every answer of the pages has (AZ-5). HSTS is short: the
// sandbox shares its host with whatever else a developer runs.
func pageHeader(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy("'none'"))
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Strict-Transport-Security", "max-age=300")
}

// policy is the Content-Security-Policy of a page: no script, no content from
// elsewhere, no frame around it (BAD-84).
func policy(formAction string) string {
	return "default-src 'none'; " + stylePolicy + "; form-action " + formAction + "; frame-ancestors 'none'; base-uri 'none'"
}

// formAction lets the browser follow the way back: Chromium applies the directive
// to redirects after a POST too. What is no plain origin could add directives, and
// is left out.
func formAction(origins []string) string {
	sources := "'self'"
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
			origin == u.Scheme+"://"+u.Host && !strings.ContainsAny(origin, "*;,' \t") {
			sources += " " + origin
		}
	}
	return sources
}

// render writes a page with a form.
func render(w http.ResponseWriter, httpStatus int, name string, f frame, view any) {
	w.Header().Set("Content-Security-Policy", policy(formAction(f.returnOrigins)))
	write(w, httpStatus, name, view)
}

// failPage writes a page that says why it goes no further. Its element "error"
// holds the code alone.
func failPage(w http.ResponseWriter, httpStatus int, code, title, explanation string) {
	write(w, httpStatus, "error.html", struct{ Title, Code, Explanation string }{title, code, explanation})
}

func write(w http.ResponseWriter, httpStatus int, name string, view any) {
	var body bytes.Buffer
	if err := templates[name].Execute(&body, view); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(httpStatus)
	_, _ = w.Write(body.Bytes())
}
