package main

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/sandbox/credential"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
	"github.com/strongroom-fapi/strongroom/sandbox/walk"
)

// flow walks another flow against a running sandbox.
func flow(ctx context.Context, args []string) error {
	var options layout.Options
	flags := newFlags(" flow", "walk a flow against a running sandbox; exit 0 only where every step did what it says")
	placeFlags(flags, &options)
	issuerName := flags.String("issuer", "fapi2", "`name` of the issuer: fapi2, fapi2-nonce or fapi2-opaque")
	bound := flags.String("binding", "mtls", "`how` tokens are bound to the client: mtls or dpop")
	wait := flags.Duration("wait", 0, "how `long` to wait until everything answers, such as 30s (default: not at all)")
	asJSON := flags.Bool("json", false, "one JSON object per step instead of text")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *bound != string(walk.MTLS) && *bound != string(walk.DPoP) {
		return fmt.Errorf("--binding must be mtls or dpop, not %q", *bound)
	}
	place, err := layout.Open(options)
	if err != nil {
		return err
	}
	if *wait > 0 {
		if err := awaitReady(ctx, place, *wait); err != nil {
			return err
		}
	}
	report := walk.Print(os.Stdout)
	if *asJSON {
		report = walk.JSON(os.Stdout)
	}
	return walkFlow(ctx, place, walkOptions{issuer: *issuerName, binding: walk.Binding(*bound), report: report})
}

type walkOptions struct {
	issuer  string
	binding walk.Binding
	report  walk.Report
}

// walkFlow takes a participant of the trust framework from its credentials to the
// bank's API: enrolment, statement, registration, the FAPI flow, and away again.
func walkFlow(ctx context.Context, place *layout.Layout, o walkOptions) error {
	if _, err := ensureDemoClient(ctx, place, o.issuer); err != nil { // for other programs
		return err
	}
	client, certificate, err := walk.Onboard(ctx, walk.Onboarding{
		Trust: place.CA.Pool(), Directory: place.URL(layout.Directory), Issuer: place.URL(layout.Public) + "/" + o.issuer,
		Folder: place.File("directory"), RedirectURI: demoRedirect, Binding: o.binding,
	}, o.report)
	if err != nil {
		return err
	}
	walked := walk.Flow(ctx, walk.Config{
		Credential: client, Trust: place.CA.Pool(), Binding: o.binding, Certificate: certificate, API: place.URL(layout.BankAPI), User: "alice",
	}, o.report)
	return errors.Join(walked, walk.Leave(ctx, place.CA.Pool(), client, o.report))
}

// demoRedirect is where the demo client would listen; its walk reads the address
// without going there.
const demoRedirect = "https://client.example/callback"

// ensureDemoClient is the demo client's credential at an issuer; at first it
// registers.
func ensureDemoClient(ctx context.Context, place *layout.Layout, issuerName string) (*credential.File, error) {
	token, err := secret.FromFile(place.File(layout.InitialAccessToken))
	if err != nil {
		return nil, fmt.Errorf("is this the folder of a sandbox that was started? %w", err)
	}
	of := place.URL(layout.Public) + "/" + issuerName
	path := place.DemoClient(issuerName)
	demo, registered, err := credential.Ensure(ctx, ecosystem.NewHTTPClient(place.CA.Pool()), path, credential.Registration{
		Endpoint:           of + string(issuer.Registration),
		Issuer:             of,
		InitialAccessToken: token.Reveal(),
		Metadata: metadata.Client{
			ClientName:              "Demo client",
			RedirectURIs:            []string{demoRedirect},
			TokenEndpointAuthMethod: oauth.AuthPrivateKeyJWT,
			GrantTypes:              []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
			ResponseTypes:           []string{oauth.ResponseTypeCode},
		},
	})
	if err != nil || !registered {
		return demo, err
	}
	files, err := place.CA.ClientCertificate("demo", pkix.Name{CommonName: "Demo client"})
	if err != nil {
		return nil, err
	}
	demo.CertificateFile, demo.PrivateKeyFile = "../"+filepath.Base(files.Certificate), "../"+filepath.Base(files.Key)
	return demo, demo.Save(path)
}
