package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"

	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/clientcert"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/config"
)

const explainUsage = `strongroom-gateway explain-certificate: whose certificate a request has, by which proxy, and why

Usage: strongroom-gateway explain-certificate --config FILE --peer ADDRESS [--peer-certificate FILE] [REQUEST]

REQUEST is a file with the request's header as it reached the gateway: lines of
"Name: value", also as curl -v prints them. Default: standard input. Nothing is
sent anywhere. Exit status 1: the request would be refused, or cannot be read.

`

// explain is the command explain-certificate.
func explain(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("strongroom-gateway explain-certificate", flag.ContinueOnError)
	file := flags.String("config", "", "path of the gateway's configuration, a YAML `file`")
	peer := flags.String("peer", "", "`address` that connected to the gateway")
	certificates := flags.String("peer-certificate", "", "PEM `file` of the certificate that this connection had in TLS, the leaf first (default: none)")
	asJSON := flags.Bool("json", false, "JSON instead of text")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), explainUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	var cfg gateway.ProcessConfig
	if err := config.Load(*file, &cfg); err != nil {
		return err
	}
	request, err := savedRequest(*peer, *certificates, flags.Arg(0), in)
	if err != nil {
		return err
	}
	proxies, err := clientcert.New(cfg.Gateway.Proxies, clock.System)
	if err != nil {
		return err
	}
	report := proxies.Explain(request)
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		_, err = io.WriteString(out, report.String())
	}
	if err == nil && report.Refused {
		return errors.New("the request would be refused")
	}
	return err
}

func savedRequest(peer, certificates, file string, in io.Reader) (clientcert.Request, error) {
	var request clientcert.Request
	var err error
	if request.Peer, err = netip.ParseAddr(peer); err != nil {
		return request, errors.New("--peer is required: the IP address that connected to the gateway")
	}
	if certificates != "" {
		if request.TLS, err = connection(certificates); err != nil {
			return request, err
		}
	}
	if file != "" {
		opened, err := os.Open(file)
		if err != nil {
			return request, err
		}
		defer opened.Close()
		in = opened
	}
	request.Header, err = clientcert.ReadSaved(in)
	return request, err
}

func connection(file string) (*tls.ConnectionState, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	state := &tls.ConnectionState{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("--peer-certificate: %w", err)
		}
		state.PeerCertificates = append(state.PeerCertificates, certificate)
	}
	if len(state.PeerCertificates) == 0 {
		return nil, fmt.Errorf("--peer-certificate: %s holds no PEM certificate", file)
	}
	return state, nil
}
