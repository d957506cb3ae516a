package ctl

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/describe"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

func localFlag(c *call, flags *flag.FlagSet) {
	flags.BoolVar(&c.local, "local", false, "ask no server, even where one is named")
}

func metadataFlags(c *call, flags *flag.FlagSet) {
	localFlag(c, flags)
	certificateFlag(c, flags)
	flags.StringVar(&c.issuerFile, "issuer-file", "", "the issuer's YAML `file`, to check without a server")
}

// checkMetadata asks the server, or goes as far as the issuer's file leads.
func checkMetadata(ctx context.Context, c *call) error {
	if c.issuerFile != "" || c.local || !c.hasServer() {
		return c.checkMetadataHere()
	}
	return c.dryRun(ctx)
}

func checkCertificate(ctx context.Context, c *call) error {
	text, err := c.read(c.arguments[0])
	if err != nil {
		return err
	}
	chain, err := describe.Chain(text)
	if err != nil {
		return fault{fmt.Errorf("%s: %w", c.arguments[0], err)}
	}
	if c.local || !c.hasServer() {
		return c.describe(chain)
	}
	return c.whoTrusts(ctx, chain)
}

// describe tells what a certificate says, without anybody who trusts it.
func (c *call) describe(chain [][]byte) error {
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return fault{err}
	}
	told := describe.Of(leaf)
	if c.json {
		encoder := json.NewEncoder(c.Out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(told)
	} else {
		fmt.Fprint(c.Out, plain(told.Indented("")))
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.Err, "no server was asked: who trusts it, and whether it was revoked, is not known here")
	if now := time.Now(); now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) || told.RolesFault != "" || told.Compared == "" {
		return errWrong
	}
	return nil
}

// whoTrusts asks the server.
func (c *call) whoTrusts(ctx context.Context, chain [][]byte) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	found, err := api.CheckCertificate(ctx, &adminv1.CheckCertificateRequest{Issuer: issuer, Certificates: encoded(chain)})
	if err != nil {
		return err
	}
	trusted := false
	for _, t := range found.GetTrust() {
		trusted = trusted || t.GetTrusted()
	}
	if c.json {
		err = c.printJSON(found)
	} else {
		c.trust(found)
	}
	if err == nil && !trusted {
		return errWrong
	}
	return err
}

func (c *call) trust(found *adminv1.CheckCertificateResponse) {
	d := found.GetCertificate()
	from, _ := time.Parse(time.RFC3339, d.GetNotBefore())
	until, _ := time.Parse(time.RFC3339, d.GetNotAfter())
	fmt.Fprint(c.Out, plain(describe.Certificate{
		Subject: d.GetSubject(), Compared: d.GetCompared(), Issuer: d.GetIssuer(), Names: d.GetNames(), NotBefore: from, NotAfter: until,
		Thumbprint: d.GetThumbprint(), Key: d.GetKey(), Roles: d.GetPsd2Roles(), Authority: d.GetPsd2Authority(), RolesFault: d.GetPsd2Fault(),
		Organization: d.GetOrganizationId(),
	}.Indented("")))
	for _, t := range found.GetTrust() {
		who := "the issuer"
		if t.GetFramework() != "" {
			who = "framework " + t.GetFramework()
		}
		text := "+ " + who + " trusts it; revocation: " + t.GetRevocation() + "; dn_policy " + t.GetDnPolicy()
		if !t.GetTrusted() {
			text = "- " + who + " does not: " + t.GetBecause()
		}
		fmt.Fprintln(c.Out, plain(text))
	}
}

func encoded(chain [][]byte) string {
	var text bytes.Buffer
	for _, der := range chain {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // a buffer takes all
	}
	return text.String()
}

var errNoIssuerFile = errors.New("a server, or --issuer-file, is required: what an issuer takes is in its file")
