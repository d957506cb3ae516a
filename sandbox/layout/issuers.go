package layout

import (
	"bytes"
	"embed"
	"text/template"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
)

//go:embed issuers/*.yaml
var issuerFiles embed.FS

// Issuers are the sandbox's issuers, from files as a bank would write them.
func (l *Layout) Issuers() (*issuer.Set, error) {
	templates, err := template.ParseFS(issuerFiles, "issuers/*.yaml")
	if err != nil {
		return nil, err
	}
	var issuers []issuer.Issuer
	for _, t := range templates.Templates() {
		text, err := l.fill(t)
		if err != nil {
			return nil, err
		}
		i, err := issuer.Parse(text)
		if err != nil {
			return nil, err
		}
		issuers = append(issuers, i)
	}
	return issuer.NewSet(append(issuers, l.ExtraIssuers...)...)
}

func (l *Layout) fill(t *template.Template) ([]byte, error) {
	var text bytes.Buffer
	err := t.Execute(&text, map[string]string{
		"Public": l.URL(Public), "Mutual": l.URL(Mutual), "Pages": l.URL(BankPages), "API": l.URL(BankAPI),
	})
	return text.Bytes(), err
}
