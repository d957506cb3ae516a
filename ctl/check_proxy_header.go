package ctl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/platform/clientcert"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

func proxyFlags(c *call, flags *flag.FlagSet) {
	localFlag(c, flags)
	flags.StringVar(&c.proxies, "proxies", "", "the gateway's configuration, a YAML `file`: judge by its proxies, and not by every form")
	flags.StringVar(&c.peer, "peer", "", "`address` that connected to the gateway; with --proxies")
	flags.StringVar(&c.header, "header", "", "`name` of the header, where it is not the form's own; without --proxies")
}

// checkProxyHeader reads a request's header as the gateway would, and where a
// server is named, asks who trusts the certificate in it.
func checkProxyHeader(ctx context.Context, c *call) error {
	text, err := c.read(c.arguments[0])
	if err != nil {
		return err
	}
	var request clientcert.Request
	if request.Header, err = clientcert.ReadSaved(bytes.NewReader(text)); err != nil {
		return fault{fmt.Errorf("%s: %w", c.arguments[0], err)}
	}
	report, err := c.proxyReport(request)
	if err != nil {
		return err
	}
	if c.json {
		encoder := json.NewEncoder(c.Out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		_, err = fmt.Fprint(c.Out, plain(report.String()))
	}
	switch {
	case err != nil:
		return err
	case report.Refused || len(report.Chain) == 0:
		return errWrong
	case c.local || c.json || !c.hasServer():
		return nil
	}
	return c.whoTrusts(ctx, report.Chain)
}

func (c *call) proxyReport(request clientcert.Request) (clientcert.Report, error) {
	if c.proxies == "" {
		return clientcert.Try(request, c.header), nil
	}
	var err error
	if request.Peer, err = netip.ParseAddr(c.peer); err != nil {
		return clientcert.Report{}, fault{errors.New("--peer is required with --proxies: the IP address that connected to the gateway")}
	}
	text, err := os.ReadFile(filepath.Clean(c.proxies))
	if err != nil {
		return clientcert.Report{}, fault{err}
	}
	var configured struct {
		Proxies []clientcert.Proxy `yaml:"proxies"`
	}
	if err := yaml.Unmarshal(text, &configured); err != nil {
		return clientcert.Report{}, fault{fmt.Errorf("%s: %w", c.proxies, err)}
	}
	proxies, err := clientcert.New(configured.Proxies, clock.System)
	if err != nil {
		return clientcert.Report{}, fault{fmt.Errorf("%s: %w", c.proxies, err)}
	}
	return proxies.Explain(request), nil
}
