package ctl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/fapi/rule"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// checkMetadataHere applies the rules of the issuer's profile, and reads the keys.
// What needs the registry (statements, addresses, bounds) it cannot know, and says
// so.
func (c *call) checkMetadataHere() error {
	if c.issuerFile == "" {
		return fault{errNoIssuerFile}
	}
	text, err := c.read(c.arguments[0])
	if err != nil {
		return err
	}
	i, err := readIssuer(c.issuerFile)
	if err != nil {
		return fault{err}
	}
	if _, signed := asMetadata(text); signed {
		return fault{errors.New("metadata that is signed is checked by a server alone: it knows whose keys sign it")}
	}
	found := &adminv1.CheckRegistrationResponse{Faults: judge(i, text), Notes: []string{
		"no server was asked: software statements, addresses and bounds were not judged"}}
	found.Ok = len(found.GetFaults()) == 0
	if c.json {
		err = c.printJSON(found)
	} else {
		c.faults(found.GetFaults())
		fmt.Fprintln(c.Out, "i "+found.GetNotes()[0])
		if found.GetOk() {
			fmt.Fprintln(c.Out, "= no rule of the profile "+i.Profile+" is broken")
		}
	}
	if err == nil && !found.GetOk() {
		return errWrong
	}
	return err
}

func readIssuer(file string) (*issuer.Issuer, error) {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	parsed, err := issuer.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	set, err := issuer.NewSet(parsed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return set.All()[0], nil
}

func judge(i *issuer.Issuer, text []byte) []*adminv1.Fault {
	var m metadata.Client
	if err := json.Unmarshal(text, &m); err != nil {
		return []*adminv1.Fault{told(oauth.New(oauth.CodeInvalidClientMetadata, "client metadata must be one JSON object in UTF-8, without repeated members, each member of its type").By("DCR-2").Because(err))}
	}
	var faults []*adminv1.Fault
	if m.JWKS != nil {
		if _, err := jose.ParseKeySet(m.JWKS); err != nil {
			faults = append(faults, told(oauth.New(oauth.CodeInvalidClientMetadata, "jwks must be a JWK set of public keys of sufficient size").By("DCR-2").Because(err)))
		}
	}
	facts := i.Facts()
	facts.Metadata = withDefaults(m)
	for refusal := range i.Rules().Refusals(profile.Register, facts) {
		faults = append(faults, told(refusal))
	}
	return faults
}

// withDefaults is what a registration leaves to the server (RFC 7591 §2), as far
// as the rules look at it.
func withDefaults(m metadata.Client) metadata.Client {
	if m.TokenEndpointAuthMethod == "" {
		m.TokenEndpointAuthMethod = oauth.AuthPrivateKeyJWT
	}
	if len(m.GrantTypes) == 0 && m.Resource == "" {
		m.GrantTypes = []string{oauth.GrantAuthorizationCode}
	}
	if len(m.ResponseTypes) == 0 && slices.Contains(m.GrantTypes, oauth.GrantAuthorizationCode) {
		m.ResponseTypes = []string{oauth.ResponseTypeCode}
	}
	return m
}

func told(err error) *adminv1.Fault {
	refusal, ok := oauth.AsError(err)
	if !ok {
		return &adminv1.Fault{Description: err.Error()}
	}
	fault := &adminv1.Fault{Error: refusal.Code, Description: refusal.Description, Rule: &adminv1.Rule{Id: refusal.Rule}}
	if cause := errors.Unwrap(refusal); cause != nil {
		fault.Cause = cause.Error()
	}
	for _, r := range rule.Find(refusal.Rule) {
		fault.Rule.Sentences = append(fault.Rule.Sentences, &adminv1.Sentence{Text: r.Text, Source: r.Source})
	}
	return fault
}
