package clientcert

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Certificate is one in words.
type Certificate struct {
	// Subject and Issuer as RFC 4514 writes them.
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	// Names are the alternative names, each with its kind.
	Names     []string  `json:"names"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Thumbprint is x5t#S256 (RFC 8705 §3.1): what a token bound to it holds.
	Thumbprint string `json:"x5t#S256"`
}

// Describe puts a certificate in words.
func Describe(der []byte) (Certificate, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return Certificate{}, errCertificate
	}
	sum := sha256.Sum256(der)
	described := Certificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: []string{},
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Thumbprint: base64.RawURLEncoding.EncodeToString(sum[:]),
	}
	for _, name := range c.DNSNames {
		described.Names = append(described.Names, "dns:"+name)
	}
	for _, uri := range c.URIs {
		described.Names = append(described.Names, "uri:"+uri.String())
	}
	for _, address := range c.IPAddresses {
		described.Names = append(described.Names, "ip:"+address.String())
	}
	for _, address := range c.EmailAddresses {
		described.Names = append(described.Names, "email:"+address)
	}
	return described, nil
}

func (c Certificate) indented(by string) string {
	lines := [][2]string{
		{"subject", c.Subject}, {"issuer", c.Issuer}, {"names", strings.Join(c.Names, " ")},
		{"valid", c.NotBefore.Format(time.RFC3339) + " to " + c.NotAfter.Format(time.RFC3339)}, {"x5t#S256", c.Thumbprint},
	}
	text := ""
	for _, line := range lines {
		if line[1] != "" {
			text += fmt.Sprintf("%s%-9s %s\n", by, line[0], line[1])
		}
	}
	return text
}
