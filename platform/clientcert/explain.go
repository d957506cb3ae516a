package clientcert

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/describe"
)

// Finding is how one proxy, or one form, takes a request.
type Finding struct {
	// Place is the proxy's in the configuration, from 0; -1 for a form alone.
	Place int    `json:"place"`
	Form  string `json:"form"`
	// Matched tells that it reads the request, and Because why, or why not.
	Matched bool   `json:"matched"`
	Because string `json:"because"`
}

// Report is how a request is taken, step by step.
type Report struct {
	Findings []Finding `json:"findings"`
	// Verdict is one sentence: whose certificate counts.
	Verdict string `json:"verdict"`
	// Refused tells that the request is answered 400.
	Refused bool `json:"refused"`
	// Certificates are the client's, leaf first.
	Certificates []describe.Certificate `json:"certificates"`
	// Ignored are headers that name a certificate and count for nothing.
	Ignored []string `json:"ignored"`
	// Chain is Certificates in DER.
	Chain [][]byte `json:"-"`
}

// Explain tells an operator how [Proxies.Read] takes a request, and why.
func (p *Proxies) Explain(r Request) Report {
	r.Peer = r.Peer.Unmap()
	report := Report{Findings: []Finding{}, Ignored: []string{}}
	taken := false
	for _, candidate := range p.list {
		finding := Finding{Place: candidate.place, Form: candidate.name, Because: "the connection is this proxy's"}
		err := candidate.speaks(r)
		finding.Matched = err == nil && !taken
		switch {
		case err != nil:
			finding.Because = err.Error()
		case taken:
			finding.Because = "it would fit too, but the first that fits counts"
		}
		taken = taken || finding.Matched
		report.Findings = append(report.Findings, finding)
	}
	seen, err := p.Read(r)
	report.conclude(seen, err)
	return report
}

// Try reads headers in every form that they may be of, whoever sent them: for an
// operator who has a request, and no configuration yet. A header name given
// stands for that of each form.
func Try(r Request, headerName string) Report {
	report := Report{Findings: []Finding{}, Ignored: []string{}}
	seen, refusal := Judgement{Because: "no form reads it: there is no certificate"}, error(nil)
	for _, name := range Forms() {
		f := forms[name]
		p := &proxy{place: Direct, name: name, form: f, hops: 1}
		p.certificate, p.chain = Proxy{Header: headerName}.headerNames(f)
		finding := Finding{Place: Direct, Form: name, Because: "there is no " + p.certificate}
		if len(r.Header[p.certificate]) > 0 {
			chain, because, err := p.read(r.Header)
			finding.Matched, finding.Because = err == nil && chain != nil, because
			if err != nil {
				finding.Because = err.Error()
				refusal = err
			}
			if finding.Matched && seen.Chain == nil {
				seen = Judgement{Chain: chain, Because: because}
			}
		}
		report.Findings = append(report.Findings, finding)
	}
	if seen.Chain != nil {
		refusal = nil
	}
	report.conclude(seen, refusal)
	return report
}

func (r *Report) conclude(seen Judgement, err error) {
	r.Verdict, r.Refused = seen.Because, err != nil
	if err != nil {
		r.Verdict = "refused with 400 [MTLS-7]: " + err.Error()
	}
	r.Ignored = slices.Concat(r.Ignored, seen.Ignored)
	r.Chain = seen.Chain
	r.Certificates = []describe.Certificate{}
	for _, der := range seen.Chain {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			r.Certificates = append(r.Certificates, describe.Of(certificate))
		}
	}
}

// String is the report in lines of text.
func (r Report) String() string {
	text := ""
	for _, f := range r.Findings {
		mark, place := "-", ""
		if f.Matched {
			mark = "+"
		}
		if f.Place != Direct {
			place = fmt.Sprintf("proxies[%d] ", f.Place)
		}
		text += fmt.Sprintf("%s %s%s: %s\n", mark, place, f.Form, f.Because)
	}
	text += "= " + r.Verdict + "\n"
	for n, c := range r.Certificates {
		text += fmt.Sprintf("  certificate %d\n%s", n, c.Indented("    "))
	}
	for _, name := range r.Ignored {
		text += "! " + name + " counts for nothing\n"
	}
	return text
}
