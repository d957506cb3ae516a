// Package clientcert says which certificates a request's client has: those of
// its own TLS connection, or, where that is a configured proxy's, those that the
// proxy writes into headers (RFC 9440 and what came before it). A header of
// anybody else's counts for nothing (MTLS-7, THR-7, BAD-34).
//
// Each form of header is one file and one line of a table; every form must pass
// the spoofing suite in spoofing_test.go.
package clientcert

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"slices"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// Proxies are those that may speak for their clients. The zero value has none.
type Proxies struct{ list []*proxy }

// New reads the configuration, with the files that it names.
func New(configured []Proxy, clk clock.Clock) (*Proxies, error) {
	p := &Proxies{}
	for n, c := range configured {
		one, err := open(n, c, clk)
		if err != nil {
			return nil, err
		}
		p.list = append(p.list, one)
	}
	return p, nil
}

// Request is what is seen of a request. All of it but the header is proved by
// the connection.
type Request struct {
	// Peer is who connected: a client, or a proxy.
	Peer netip.Addr
	// TLS is that connection; nil stands for one without certificate.
	TLS    *tls.ConnectionState
	Header http.Header
}

// Judgement is whose certificate a request has, and why.
type Judgement struct {
	// Chain is the client's, DER, leaf first; nil for no certificate.
	Chain [][]byte
	// Proxy is the place in the configuration of the proxy that forwarded the
	// request, from 0; -1 for a direct connection.
	Proxy int
	// Because says how the request was taken, for an operator.
	Because string
	// Ignored are the headers that name a certificate and counted for nothing.
	Ignored []string
}

// Direct is the place of no proxy.
const Direct = -1

// Read judges one request at the listener for mutual TLS. An error says that a
// proxy's header cannot be read; it never repeats what stands there.
func (p *Proxies) Read(r Request) (Judgement, error) {
	r.Peer = r.Peer.Unmap()
	for _, candidate := range p.list {
		if candidate.speaks(r) != nil {
			continue
		}
		chain, because, err := candidate.read(r.Header)
		if err != nil {
			return Judgement{Proxy: candidate.place}, err
		}
		return Judgement{
			Chain: chain, Proxy: candidate.place, Because: because,
			Ignored: p.present(r.Header, candidate.headers()...),
		}, nil
	}
	return Judgement{
		Chain: peerChain(r.TLS), Proxy: Direct, Because: "the connection is no configured proxy's: its own certificate counts",
		Ignored: p.present(r.Header),
	}, nil
}

// Present are the headers of a request that name a certificate: each form's own,
// and the configured ones.
func (p *Proxies) Present(header http.Header) []string { return p.present(header) }

func (p *Proxies) present(header http.Header, but ...string) []string {
	var found []string
	look := func(names ...string) {
		for _, name := range names {
			if len(header[name]) > 0 && !slices.Contains(but, name) && !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	look(knownHeaders...)
	for _, one := range p.list {
		look(one.headers()...)
	}
	return found
}

// peerChain is that of the connection itself.
func peerChain(state *tls.ConnectionState) [][]byte {
	if state == nil {
		return nil
	}
	var chain [][]byte
	for _, certificate := range state.PeerCertificates {
		chain = append(chain, certificate.Raw)
	}
	return chain
}
