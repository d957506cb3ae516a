// Package ecosystem runs what stands around an authorization server: the demo
// bank with its pages and its API, and the trust framework's directory.
package ecosystem

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// BankConfig is the configuration file of `sandbox bank`.
type BankConfig struct {
	// Pages and API are the addresses of the two listeners, host:port.
	Pages []string `yaml:"pages"`
	API   []string `yaml:"api"`
	// Certificates are the server's on both.
	Certificates []gateway.Certificate `yaml:"certificates"`
	// TrustedCA is a PEM file of those who sign the issuer's certificates.
	TrustedCA string `yaml:"trusted_ca"`
	// InteractionAddress is where the authorize service serves the interaction
	// API, host:port. A name that leads to several addresses is as many replicas;
	// where no name does, commas stand between them.
	InteractionAddress string `yaml:"interaction_address"`
	// InteractionIdentity proves the bank to that API, and the API to the bank.
	InteractionIdentity network.Identity `yaml:"interaction_identity"`
	// Issuers are those whose tokens the API takes. The first one's refusal
	// answers tokens that are nobody's.
	Issuers []BankIssuer `yaml:"issuers"`
	// ConnectTo says where to connect, host:port, for a host:port of the issuers'
	// URLs; for where these do not lead from here. The server must still be who
	// the URL says. Default: where the URLs say.
	ConnectTo map[string]string `yaml:"connect_to,omitempty"`
	// Resource is the API's identifier, which tokens have in aud, and the URL at
	// which clients call it, which DPoP proofs have in htu.
	Resource string `yaml:"resource"`
	// InitialAccessToken lets the bank register as a resource server at each
	// issuer.
	InitialAccessToken secret.Text `yaml:"initial_access_token"`
}

// BankIssuer is an issuer whose tokens the bank's API takes.
type BankIssuer struct {
	// Issuer is its identifier.
	Issuer string `yaml:"issuer"`
	// DPoPNonces demands a nonce of the API's own in every DPoP proof (RFC 9449
	// §9). Default: false.
	DPoPNonces bool `yaml:"dpop_nonces"`
	// Opaque says that tokens which are no JWT are this issuer's; one at most.
	// Default: the first issuer is asked about them.
	Opaque bool `yaml:"opaque"`
	// Credential is the file of the bank's credential for introspection there;
	// where it is missing, the bank registers itself.
	Credential string `yaml:"credential"`
}

// Validate tells what is missing.
func (c *BankConfig) Validate() error {
	if len(c.Pages) == 0 || len(c.API) == 0 || len(c.Issuers) == 0 || c.Resource == "" || c.InteractionAddress == "" {
		return errors.New("pages, api, issuers, resource and interaction_address are required")
	}
	known, opaque := map[string]bool{}, 0
	for _, issuer := range c.Issuers {
		if issuer.Issuer == "" || issuer.Credential == "" {
			return errors.New("each of issuers needs issuer and credential")
		}
		if known[issuer.Issuer] || known[issuer.Credential] {
			return fmt.Errorf("issuers: %s is there twice, or its credential is another's", issuer.Issuer)
		}
		known[issuer.Issuer], known[issuer.Credential] = true, true
		if issuer.Opaque {
			opaque++
		}
	}
	if opaque > 1 {
		return errors.New("issuers: one at most may be opaque")
	}
	return nil
}

// DirectoryConfig is the configuration file of `sandbox directory`.
type DirectoryConfig struct {
	// Listen are the addresses of the listener, host:port.
	Listen []string `yaml:"listen"`
	// Certificates are the server's.
	Certificates []gateway.Certificate `yaml:"certificates"`
	// Authority is the folder of the certificate authority.
	Authority string `yaml:"authority"`
	// Keys is the folder that keeps participants and their key sets.
	Keys string `yaml:"keys"`
	// Issuer is the iss of software statements.
	Issuer string `yaml:"issuer"`
	// OperatorToken lets its bearer suspend participants.
	OperatorToken secret.Text `yaml:"operator_token"`
}

// Validate tells what is missing.
func (c *DirectoryConfig) Validate() error {
	if len(c.Listen) == 0 || c.Authority == "" || c.Keys == "" || c.Issuer == "" {
		return errors.New("listen, authority, keys and issuer are required")
	}
	return nil
}

// NewHTTPClient is a client that trusts the authorities in a PEM file and
// nobody else.
func NewHTTPClient(pool *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, ForceAttemptHTTP2: true},
	}
}
