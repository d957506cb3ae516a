package layout

import (
	"bytes"
	"embed"
	"path/filepath"
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
		"Public": l.URL(Public), "Mutual": l.URL(Mutual), "Pages": l.URL(BankPages), "API": l.URL(BankAPI), "Authorities": l.clientAuthorities(),
		"Directory": l.URL(Directory), "Participants": l.participantAuthorities(),
	})
	return text.Bytes(), err
}

// issuersFolder has the issuers' files, for parts that run alone.
const issuersFolder = "issuers"

// participantAuthorities is the file of those who sign participants' certificates.
func (l *Layout) participantAuthorities() string { return l.besideIssuers(l.CA.ParticipantsFile()) }

// clientAuthorities is the file of those whose client certificates are trusted:
// the directory's. In containers it lies beside the issuers' files, for each part
// has a copy of these under a path of its own.
func (l *Layout) clientAuthorities() string { return l.besideIssuers(l.CA.File()) }

func (l *Layout) besideIssuers(file string) string {
	if l.Containers {
		return filepath.Base(file)
	}
	return file
}
