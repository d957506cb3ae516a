package clientreg

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
)

// caller is who asks to register, before the body is read.
type caller struct {
	// token is the initial access token; its hash is "" where none came.
	token        initialToken
	certificates [][]byte
}

// errCertificate answers who brings no certificate that counts (BAD-150).
var errCertificate = oauth.InvalidClient("a client certificate by an authority that is trusted here is required").By("DCR-2")

// arrive refuses whom no gate could let in, whatever the body says, so that its
// body is not even read. A token that came and is not good is refused even where
// there is another way in.
func (r *registry) arrive(i *issuer.Issuer, req *clientregv1.RegisterRequest) (caller, error) {
	c := caller{certificates: req.GetCertificates()}
	if req.GetBearerToken() != "" {
		token, ok := r.initialTokens.open(req.GetBearerToken())
		if !ok {
			return caller{}, errInitialToken
		}
		c.token = token
	}
	_, refusal := nearest(i.Registration.Gates, func(credential issuer.Credential) error {
		switch {
		case credential == issuer.InitialAccessToken && c.token.hash == "":
			return errInitialToken
		case credential == issuer.Certificate && len(c.certificates) == 0:
			return errCertificate
		}
		return nil
	})
	return c, refusal
}

// admit lets through who brings all of what one gate asks for.
func (r *registry) admit(ctx context.Context, i *issuer.Issuer, c caller, s *statement.Statement) error {
	_, refusal := nearest(i.Registration.Gates, func(credential issuer.Credential) error {
		switch {
		case credential == issuer.InitialAccessToken && c.token.hash == "":
			return errInitialToken
		case credential == issuer.Statement && s == nil:
			return statement.Missing
		case credential == issuer.Certificate:
			_, err := r.trusted(ctx, i, s, c.certificates)
			return err
		}
		return nil
	})
	return refusal
}

// nearest is the gate that misses the least, the first of several, and the refusal
// for what it misses first; nil where it misses nothing.
func nearest(gates []issuer.Gate, miss func(issuer.Credential) error) (gate issuer.Gate, refusal error) {
	least := -1
	for _, candidate := range gates {
		missing, first := 0, error(nil)
		for _, credential := range candidate.Require {
			if err := miss(credential); err != nil {
				if missing++; first == nil {
					first = err
				}
			}
		}
		if least < 0 || missing < least {
			least, gate, refusal = missing, candidate, first
		}
	}
	return gate, refusal
}

// trusted is the leaf of a chain that an authority vouches for whom the
// statement's framework trusts or, without a statement, the issuer.
func (r *registry) trusted(ctx context.Context, i *issuer.Issuer, s *statement.Statement, chain [][]byte) (*x509.Certificate, error) {
	store, _ := i.TrustStore(frameworkOf(s))
	evidence := r.certificates.Read(ctx, store, chain, r.clock.Now())
	if errors.Is(evidence.Untrusted, certificate.ErrUnsure) {
		return nil, oauth.Unavailable(fetch.RetryAfter).By("MTLS-3").Because(evidence.Untrusted)
	}
	if err := errors.Join(evidence.Fault, evidence.Untrusted); err != nil {
		return nil, errCertificate.Because(err)
	}
	leaf, err := x509.ParseCertificate(evidence.Leaf)
	if err != nil {
		return nil, errCertificate.Because(err)
	}
	return leaf, nil
}

// frameworkOf is the name of a statement's framework; "" without a statement.
func frameworkOf(s *statement.Statement) string {
	if s == nil {
		return ""
	}
	return s.Framework.Name
}

// agrees demands a trusted certificate that is the software's own (BAD-154), and
// keeps it with the statement.
func (r *registry) agrees(ctx context.Context, i *issuer.Issuer, s *statement.Statement, chain [][]byte) error {
	leaf, err := r.trusted(ctx, i, s, chain)
	if err != nil {
		return err
	}
	if err := s.Agrees(leaf); err != nil {
		return err
	}
	s.Certificate = leaf
	return nil
}
