package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
)

// healthTimeout bounds the whole command.
const healthTimeout = 5 * time.Second

// health asks URLs of the bank or the directory whether they serve; it fails where
// one does not. A container needs no other program to check it.
func health(ctx context.Context, args []string) error {
	flags := newFlags(" health", "ask the URLs given whether they serve, such as https://localhost:9446/healthz; fails where one does not")
	ca := flags.String("ca", "", "PEM `file` of the authority that signs their certificates")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *ca == "" || flags.NArg() == 0 {
		return errors.New("health needs --ca FILE and at least one URL")
	}
	roots, err := pemfile.ReadPool(*ca)
	if err != nil {
		return fmt.Errorf("--ca: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	client := ecosystem.NewHTTPClient(roots)
	for _, url := range flags.Args() {
		if err := serves(ctx, client, url); err != nil {
			return err
		}
	}
	fmt.Fprintln(os.Stdout, "ready")
	return nil
}

func serves(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("not ready: %s answers %s", url, resp.Status)
	}
	return nil
}
