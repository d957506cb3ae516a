// Package describe puts what a client presents into words for an operator: as it
// is read here, and not as other programs would.
package describe

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/qcstatement"
)

// Certificate is one in words.
type Certificate struct {
	// Subject and Issuer are as RFC 4514 writes them.
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	// Compared is the form that subjects are compared in; "" where it cannot be read
	// without doubt, and matches nothing.
	Compared string `json:"compared"`
	// Names are the alternative names, each with its kind: dns:, uri:, ip:, email:.
	Names     []string  `json:"names"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Thumbprint is x5t#S256 (RFC 8705 §3.1).
	Thumbprint string `json:"x5t#S256"`
	// Key is the kind of the key and its size, such as RSA 2048.
	Key string `json:"key"`
	// Roles and Authority are of a payment service provider (ETSI TS 119 495), and
	// RolesFault why what it says of them cannot be read.
	Roles      []string `json:"psd2_roles"`
	Authority  string   `json:"psd2_authority,omitempty"`
	RolesFault string   `json:"psd2_fault,omitempty"`
	// Organization is organizationIdentifier (2.5.4.97) of the subject.
	Organization string `json:"organization_id,omitempty"`
}

// organizationIdentifier is that attribute, ITU-T X.520 §6.4.4.
const organizationIdentifier = "2.5.4.97"

// Of describes a certificate.
func Of(c *x509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	d := Certificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: alternatives(c), NotBefore: c.NotBefore, NotAfter: c.NotAfter,
		Thumbprint: base64.RawURLEncoding.EncodeToString(sum[:]), Key: key(c),
		Organization: strings.Join(names.SubjectValues(c, organizationIdentifier), ", "),
	}
	d.Compared, _ = names.SubjectForm(c)
	said, _, err := qcstatement.Of(c)
	if err != nil {
		d.RolesFault = err.Error()
	}
	for _, role := range said.Roles {
		d.Roles = append(d.Roles, string(role))
	}
	if d.Authority = said.AuthorityID; said.AuthorityName != "" {
		d.Authority += " (" + said.AuthorityName + ")"
	}
	return d
}

// Indented is the certificate in lines of text.
func (c Certificate) Indented(by string) string {
	lines := [][2]string{
		{"subject", c.Subject}, {"compared", c.Compared}, {"issuer", c.Issuer}, {"names", strings.Join(c.Names, " ")},
		{"valid", c.NotBefore.Format(time.RFC3339) + " to " + c.NotAfter.Format(time.RFC3339)}, {"x5t#S256", c.Thumbprint}, {"key", c.Key},
		{"roles", strings.Join(c.Roles, " ")}, {"authority", c.Authority}, {"roles?", c.RolesFault}, {"organisation", c.Organization},
	}
	if c.Compared == "" {
		lines[1][1] = "not at all: the subject cannot be read without doubt, and matches nothing"
	}
	text := ""
	for _, line := range lines {
		if line[1] != "" {
			text += fmt.Sprintf("%s%-12s %s\n", by, line[0], line[1])
		}
	}
	return text
}

func alternatives(c *x509.Certificate) []string {
	found := []string{}
	for _, name := range c.DNSNames {
		found = append(found, "dns:"+name)
	}
	for _, uri := range c.URIs {
		found = append(found, "uri:"+uri.String())
	}
	for _, address := range c.IPAddresses {
		found = append(found, "ip:"+address.String())
	}
	for _, address := range c.EmailAddresses {
		found = append(found, "email:"+address)
	}
	return found
}

func key(c *x509.Certificate) string {
	switch public := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", public.N.BitLen())
	case *ecdsa.PublicKey:
		return "EC " + public.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}

// maxChain bounds a chain with its leaf; real ones have 4 at most.
const maxChain = 10

var begins = []byte("-----BEGIN ")

// Chain reads PEM certificates, leaf first. Whatever else the text holds is an error,
// before, between and behind them: a private key should not have been handed over, and
// one that is half there is passed over by the decoder of PEM.
func Chain(text []byte) ([][]byte, error) {
	var chain [][]byte
	for {
		text = bytes.TrimSpace(text)
		if len(text) == 0 && len(chain) > 0 {
			return chain, nil
		}
		block, rest := pem.Decode(text)
		read := text[:len(text)-len(rest)]
		switch {
		case block == nil && len(chain) == 0:
			return nil, errors.New("there is no PEM certificate (-----BEGIN CERTIFICATE-----)")
		case block == nil:
			return nil, errors.New("there is something behind the certificates that is no PEM")
		case block.Type != "CERTIFICATE":
			return nil, fmt.Errorf("certificates alone are wanted, not a PEM %q", block.Type)
		case !bytes.HasPrefix(read, begins) || bytes.Count(read, begins) > 1:
			return nil, fmt.Errorf("there is something in front of certificate %d that is no PEM: certificates alone are wanted", len(chain))
		case len(chain) == maxChain:
			return nil, errors.New("a chain has 10 certificates at most")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return nil, fmt.Errorf("certificate %d is malformed", len(chain))
		}
		chain, text = append(chain, block.Bytes), rest
	}
}
