package clientreg

import (
	"context"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// CheckIssuer looks at what an issuer relies on, as far as this service does.
func (a *admin) CheckIssuer(ctx context.Context, _ *adminv1.CheckIssuerRequest) (*adminv1.Findings, error) {
	i := here(ctx)
	found := &findings{}
	found.authorities("client_certificates", i.ClientCertificates, a.clock.Now())
	for n := range i.TrustFrameworks {
		a.checkFramework(ctx, i, &i.TrustFrameworks[n], found)
	}
	return found.answer(), nil
}

// CheckFramework looks at what one of its trust frameworks relies on.
func (a *admin) CheckFramework(ctx context.Context, req *adminv1.CheckFrameworkRequest) (*adminv1.Findings, error) {
	i := here(ctx)
	f, ok := i.Framework(req.GetFramework())
	if !ok {
		return nil, errNoSuchFramework
	}
	found := &findings{}
	a.checkFramework(ctx, i, f, found)
	return found.answer(), nil
}

func (a *admin) checkFramework(ctx context.Context, i *issuer.Issuer, f *framework.Framework, found *findings) {
	subject := "trust_frameworks." + f.Name
	if file := f.KeysFile(); file != "" {
		found.add(subject+".jwks_file", true, fmt.Sprintf("%s: %d keys, read at the start", file, len(a.statements.Files[file].Keys())))
	} else {
		detail, ok := a.keysAt(ctx, f.JWKSURI)
		found.add(subject+".jwks_uri", ok, detail)
	}
	if f.ClientCertificates.Authorities != "" {
		found.authorities(subject+".client_certificates", f.ClientCertificates, a.clock.Now())
	}
	if f.Participants != nil {
		a.checkParticipants(ctx, subject+".participants", f.Participants, found)
	}
}

// checkParticipants asks the directory now, and tells how old what was known is.
func (a *admin) checkParticipants(ctx context.Context, subject string, p *framework.Participants, found *findings) {
	before := "not asked for before"
	if age, known := a.participants.Age(p); known {
		before = fmt.Sprintf("the list of before is %s old", age.Round(time.Second))
		found.add(subject+".fresh", age <= 2*p.Interval, before)
	}
	list, err := a.participants.Fetch(ctx, p)
	if err != nil {
		found.add(subject, false, p.URI+": "+err.Error()+"; "+before)
		return
	}
	active := 0
	for _, takesPart := range list {
		if takesPart {
			active++
		}
	}
	found.add(subject, true, fmt.Sprintf("%s: %d participants, %d of them active", p.URI, len(list), active))
}

// keysAt asks for a key set now, past what is remembered.
func (r *registry) keysAt(ctx context.Context, address string) (detail string, ok bool) {
	document, err := r.outside.Get(ctx, address)
	if err != nil {
		return address + ": " + err.Error(), false
	}
	keys, refused, err := jose.ParsePublishedKeySet(document.Body)
	switch {
	case err != nil:
		return address + ": " + err.Error(), false
	case len(refused) > 0:
		return fmt.Sprintf("%s: %d keys, and %d that are not used: %v", address, len(keys.Keys()), len(refused), refused[0]), false
	case len(keys.Keys()) == 0:
		return address + ": it holds no key that is served here", false
	}
	return fmt.Sprintf("%s: %d keys", address, len(keys.Keys())), true
}

// findings collects.
type findings struct{ list []*adminv1.Finding }

func (f *findings) add(subject string, ok bool, detail string) {
	f.list = append(f.list, &adminv1.Finding{Subject: subject, Ok: ok, Detail: detail})
}

// authorities looks at the file of a trust store as it is now.
func (f *findings) authorities(subject string, store trust.Store, now time.Time) {
	file := store.AuthoritiesFile()
	if file == "" {
		f.add(subject, true, "no authorities are configured: no certificate is trusted")
		return
	}
	certificates, err := pemfile.ReadCertificates(file)
	if err != nil {
		f.add(subject, false, err.Error())
		return
	}
	ended := 0
	first := certificates[0].NotAfter
	for _, c := range certificates {
		if c.NotAfter.Before(first) {
			first = c.NotAfter
		}
		if !now.Before(c.NotAfter) || now.Before(c.NotBefore) {
			ended++
		}
	}
	f.add(subject, ended == 0, fmt.Sprintf("%s: %d authorities, %d of them out of their time; the first ends at %s; revocation is %s",
		file, len(certificates), ended, first.UTC().Format(time.RFC3339), store.Revocation))
}

func (f *findings) answer() *adminv1.Findings {
	ok := true
	for _, one := range f.list {
		ok = ok && one.GetOk()
	}
	return &adminv1.Findings{Findings: f.list, Ok: ok}
}
