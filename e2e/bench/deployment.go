package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// deploymentClients spread the load, for each client may send so many a minute.
const deploymentClients = 100

// deployed is a suite that runs already, of which only the outside is known: no
// floor, no processes, no CPU time.
func (b *bench) deployed(ctx context.Context) (*rendering, error) {
	api, err := bankAPI(b.issuer)
	if err != nil {
		return nil, err
	}
	r := &rendering{name: "deployment", operations: []operation{push, token, dpopToken, fullFlow}}
	r.product = &server{issuer: b.issuer, api: api}
	if r.product.roots, err = readRoots(filepath.Join(b.dirOf, "ca.pem")); err != nil {
		return nil, fmt.Errorf("--dir wants the folder that deploy/up.sh fills: %w", err)
	}
	if err := r.product.discover(ctx); err != nil {
		return nil, fmt.Errorf("%s does not answer: %w", b.issuer, err)
	}
	return r, b.enrol(ctx, r.product, place{dir: b.dirOf})
}

// bankAPI is where the demo bank's API stands, counted from the issuer's port.
func bankAPI(issuer string) (string, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return "", fmt.Errorf("--issuer: %w", err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || u.Scheme != "https" {
		return "", fmt.Errorf("--issuer must be https://HOST:PORT/NAME, and is %q", issuer)
	}
	return "https://" + net.JoinHostPort(u.Hostname(), strconv.Itoa(port+int(layout.BankAPI))), nil
}

// measureDeployment needs nothing but the generator: it builds and starts nothing.
func measureDeployment(ctx context.Context, o options) (*report, error) {
	key, err := newClient()
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, client: key}
	b.clients = deploymentClients
	r, err := b.deployed(ctx)
	if err != nil {
		return nil, err
	}
	b.keep(r)
	out, err := b.compare(ctx)
	if err != nil {
		return nil, err
	}
	out.Starts = nil
	return out, nil
}
