package framework

import (
	"cmp"
	"path/filepath"
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// SetDefaults fills in what was left out.
func (f *Framework) SetDefaults() {
	f.Claims = slices.Clone(f.Claims)
	f.ClientCertificates.SetDefaults()
	if len(f.Algorithms) == 0 {
		f.Algorithms = []jose.Algorithm{jose.PS256}
	}
	f.SoftwareClaim = cmp.Or(f.SoftwareClaim, "software_id")
	f.ParticipantClaim = cmp.Or(f.ParticipantClaim, "org_id")
	f.Duplicates = cmp.Or(f.Duplicates, Allow)
	for n := range f.Claims {
		f.Claims[n].Member = cmp.Or(f.Claims[n].Member, f.Claims[n].Claim)
		f.Claims[n].Rule = cmp.Or(f.Claims[n].Rule, Replaces)
	}
	if len(f.Body.Types) == 0 {
		f.Body.Types = []BodyType{JSON}
	}
	f.Body.MaxLifetime = cmp.Or(f.Body.MaxLifetime, 10*time.Minute)
	if f.Roles != nil {
		roles := *f.Roles
		roles.Claim = cmp.Or(roles.Claim, "software_roles")
		f.Roles = &roles
	}
	if f.Participants != nil {
		p := *f.Participants
		p.Interval, p.MaxBytes = cmp.Or(p.Interval, time.Minute), cmp.Or(p.MaxBytes, 16<<20)
		p.ID, p.Status = cmp.Or(p.ID, "org_id"), cmp.Or(p.Status, "status")
		if len(p.Active) == 0 {
			p.Active = []string{"active"}
		}
		f.Participants = &p
	}
}

// In is a copy whose relative paths begin at a folder: that of the issuer's file.
func (f Framework) In(folder string) Framework {
	f.folder = folder
	f.ClientCertificates = f.ClientCertificates.In(folder)
	return f
}

// KeysFile is where JWKSFile stands; "" where there is none.
func (f *Framework) KeysFile() string {
	if f.JWKSFile == "" || filepath.IsAbs(f.JWKSFile) {
		return f.JWKSFile
	}
	return filepath.Join(f.folder, f.JWKSFile)
}

// Takes tells whether metadata may come in a form.
func (f *Framework) Takes(form BodyType) bool { return slices.Contains(f.Body.Types, form) }

// NeedsCertificate tells whether a registration must come with a certificate.
func (f *Framework) NeedsCertificate() bool {
	return len(f.Certificate) > 0
}

// Meaning is what a claim means for client metadata; ok is false where it means
// nothing.
func (f *Framework) Meaning(claim string) (meaning Claim, ok bool) {
	for _, c := range f.Claims {
		if c.Claim == claim {
			return c, true
		}
	}
	mapped := slices.ContainsFunc(f.Claims, func(c Claim) bool { return c.Member == claim })
	return Claim{claim, claim, Replaces}, settable(claim) && !mapped
}
