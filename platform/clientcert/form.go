package clientcert

import (
	"bytes"
	"crypto/x509"
	"errors"
	"maps"
	"slices"
)

// form is one way to write certificates into headers.
type form struct {
	// header and chainHeader are where they stand unless the configuration says
	// otherwise; an empty one is nowhere.
	header, chainHeader string
	// chained forms have a header for the certificates behind the client's own.
	chained bool
	// list tells that the chain's header may come in several lines, as a list of
	// RFC 9110 §5.3 may.
	list bool
	// read answers the chain in DER, leaf first; nil where the header says that
	// there is no certificate.
	read func(values) ([][]byte, error)
}

// values are the headers of a request.
type values struct {
	certificate, chain string
	hops               int
}

const (
	formRFC9440 = "rfc9440"
	formEnvoy   = "envoy"
	formNginx   = "nginx"
	formHAProxy = "haproxy"
	formTraefik = "traefik"
	formAWSALB  = "aws-alb"
)

// forms is every form that is read.
var forms = map[string]form{
	formRFC9440: {header: "Client-Cert", chainHeader: "Client-Cert-Chain", chained: true, list: true, read: readRFC9440},
	formEnvoy:   {header: "X-Forwarded-Client-Cert", read: readEnvoy},
	formNginx:   {header: "X-Ssl-Client-Cert", read: readNginx},
	formHAProxy: {header: "X-Ssl-Client-Cert", chained: true, read: readHAProxy},
	formTraefik: {header: "X-Forwarded-Tls-Client-Cert", read: readTraefik},
	formAWSALB:  {header: "X-Amzn-Mtls-Clientcert", read: readAWSALB},
}

// Forms are the names of all.
func Forms() []string { return slices.Sorted(maps.Keys(forms)) }

// knownHeaders are every form's own, and what else some proxies write; from
// anybody but a configured proxy they mean nothing, and are worth a line of log.
var knownHeaders = func() []string {
	names := []string{"X-Amzn-Mtls-Clientcert-Leaf", "Ssl-Client-Cert", "X-Client-Cert"}
	for _, f := range forms {
		names = append(names, f.header)
		if f.chainHeader != "" {
			names = append(names, f.chainHeader)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}()

// maxChain bounds a chain with its leaf; real ones have 4 at most.
const maxChain = 10

var (
	errTooLong     = errors.New("the chain has more than 10 certificates")
	errCertificate = errors.New("what is forwarded is no X.509 certificate")
)

// checked lets through what a TLS connection would have: certificates that can be
// read, to the last byte.
func checked(chain [][]byte) ([][]byte, error) {
	if len(chain) > maxChain {
		return nil, errTooLong
	}
	for _, der := range chain {
		if _, err := x509.ParseCertificate(der); err != nil {
			return nil, errCertificate
		}
	}
	return chain, nil
}

// withLeaf puts the leaf before the others, which some proxies repeat it in.
func withLeaf(leaf []byte, others [][]byte) [][]byte {
	if len(others) > 0 && bytes.Equal(others[0], leaf) {
		others = others[1:]
	}
	return append([][]byte{leaf}, others...)
}
