package rig

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/platform/network"
)

// Edges are the proxies that every suite of the rig knows, by the form in which
// they write a client's certificate. All connect from this machine, as everybody
// does here; each is known by a certificate of its own.
var Edges = []string{"rfc9440", "envoy", "nginx", "haproxy", "traefik", "aws-alb"}

func edgeName(form string) string { return "edge-" + form }

// EdgeChainHeader is where the haproxy of the rig writes what is behind a leaf.
const EdgeChainHeader = "X-SSL-Client-Chain"

// Edge is how a proxy of that form proves itself to the gateway.
func (s *Suite) Edge(form string) (network.Identity, error) {
	return s.Layout.CA.Service(edgeName(form))
}

// edges is the gateway's configuration of them, YAML.
func (s *Suite) edges() (string, error) {
	text := "proxies:\n"
	for _, form := range Edges {
		identity, err := s.Edge(form)
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf("  - {form: %s, peers: [127.0.0.1, '::1'], certificate: {ca: %q, dns_names: [%s]}", form, identity.CA, edgeName(form))
		if form == "haproxy" {
			text += ", chain_header: " + EdgeChainHeader
		}
		text += "}\n"
	}
	return text, nil
}

// fronted adds the proxies to a gateway's configuration.
func (s *Suite) fronted(configuration any) error {
	text, err := s.edges()
	if err != nil {
		return err
	}
	return yaml.Unmarshal([]byte(text), configuration)
}

// Through sends a request to the same path at another port of this machine.
func Through(port int) Change {
	return func(r *Request) {
		scheme, rest, _ := strings.Cut(r.URL, "://")
		_, path, _ := strings.Cut(rest, "/")
		r.URL = scheme + "://" + net.JoinHostPort("localhost", strconv.Itoa(port)) + "/" + path
	}
}
