package ctl

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

func clientFlags(c *call, flags *flag.FlagSet) {
	flags.StringVar(&c.framework, "framework", "", "only those of this trust `framework`")
	flags.StringVar(&c.participant, "participant", "", "only those of this `participant`")
	flags.BoolVar(&c.suspended, "suspended", false, "only those that cannot be used, whoever suspended them")
	flags.BoolVar(&c.serving, "serving", false, "only those that can be used")
	flags.IntVar(&c.limit, "limit", 1000, "at most this `number`; 0: all")
}

// maxPage is the longest page that the server gives.
const maxPage = 500

func clients(ctx context.Context, c *call) error {
	if c.suspended && c.serving || c.limit < 0 {
		return fault{errors.New("--suspended and --serving exclude each other, and --limit is not negative")}
	}
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	request := &adminv1.ListClientsRequest{Issuer: issuer, Framework: c.framework, Participant: c.participant, PageSize: maxPage}
	switch {
	case c.suspended:
		request.State = adminv1.ListClientsRequest_STATE_SUSPENDED
	case c.serving:
		request.State = adminv1.ListClientsRequest_STATE_SERVING
	}
	all := &adminv1.ListClientsResponse{}
	for {
		if left := c.limit - len(all.GetClients()); c.limit > 0 {
			request.PageSize = int32(min(left, maxPage))
		}
		page, err := c.page(ctx, api, request)
		if err != nil {
			return err
		}
		all.Clients, all.NextPageToken = append(all.Clients, page.GetClients()...), page.GetNextPageToken()
		if all.GetNextPageToken() == "" || c.limit > 0 && len(all.GetClients()) >= c.limit {
			break
		}
		request.PageToken = all.GetNextPageToken()
	}
	if c.json {
		return c.printJSON(all)
	}
	var rows [][]string
	for _, client := range all.GetClients() {
		rows = append(rows, []string{client.GetClientId(), stands(client), client.GetFramework(), client.GetParticipant(), client.GetClientName()})
	}
	c.table("CLIENT_ID STATE FRAMEWORK PARTICIPANT NAME", rows)
	if all.GetNextPageToken() != "" {
		fmt.Fprintf(c.Err, "there are more than %d; --limit 0 lists all\n", c.limit)
	}
	return nil
}

func (c *call) page(ctx context.Context, api adminv1.AdminServiceClient, request *adminv1.ListClientsRequest) (*adminv1.ListClientsResponse, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	return api.ListClients(ctx, request)
}

// at connects and finds the issuer.
func (c *call) at(ctx context.Context) (adminv1.AdminServiceClient, string, error) {
	api, err := c.api()
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	issuer, err := c.issuer(ctx, api)
	return api, issuer, err
}

func show(ctx context.Context, c *call) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	client, err := api.GetClient(ctx, &adminv1.GetClientRequest{Issuer: issuer, ClientId: c.arguments[0]})
	if err != nil {
		return err
	}
	return c.client(client)
}

// client prints one.
func (c *call) client(client *adminv1.Client) error {
	if c.json {
		return c.printJSON(client)
	}
	lines(c.Out, "client_id", client.GetClientId(), "client_name", client.GetClientName(), "state", stands(client),
		"framework", client.GetFramework(), "participant", client.GetParticipant(), "software_id", client.GetSoftwareId(),
		"token_endpoint_auth_method", client.GetTokenEndpointAuthMethod(), "resource", client.GetResource(),
		"registered", time.Unix(client.GetCreatedAt(), 0).UTC().Format(time.RFC3339), "generation", number(client.GetGeneration()),
		"metadata", client.GetMetadata())
	return nil
}

func certificateFlag(c *call, flags *flag.FlagSet) {
	flags.StringVar(&c.certificate, "certificate", "", "PEM `file` of the client's certificates, leaf first: where its trust framework wants one")
}

// registration is a request to register, read from files, and where it goes.
type registration struct {
	api                            adminv1.AdminServiceClient
	issuer, metadata, certificates string
	signed                         bool
}

// handOver reads what register and explain hand over, and connects.
func (c *call) handOver(ctx context.Context) (registration, error) {
	text, err := c.read(c.arguments[0])
	if err != nil {
		return registration{}, err
	}
	var r registration
	r.metadata, r.signed = asMetadata(text)
	if c.certificate != "" {
		chain, err := os.ReadFile(filepath.Clean(c.certificate))
		if err != nil {
			return registration{}, fault{err}
		}
		r.certificates = string(chain)
	}
	r.api, r.issuer, err = c.at(ctx)
	return r, err
}

func register(ctx context.Context, c *call) error {
	r, err := c.handOver(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	made, err := r.api.RegisterClient(ctx, &adminv1.RegisterClientRequest{Issuer: r.issuer, Metadata: r.metadata, Signed: r.signed, Certificates: r.certificates})
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(made)
	}
	if err := c.client(made.GetClient()); err != nil {
		return err
	}
	lines(c.Out, "registration_client_uri", made.GetRegistrationClientUri(), "registration_access_token", made.GetRegistrationAccessToken())
	return nil
}

func suspend(ctx context.Context, c *call) error {
	return c.change(ctx, func(ctx context.Context, api adminv1.AdminServiceClient, issuer, id string) (*adminv1.Client, error) {
		return api.SuspendClient(ctx, &adminv1.SuspendClientRequest{Issuer: issuer, ClientId: id})
	})
}

func resume(ctx context.Context, c *call) error {
	return c.change(ctx, func(ctx context.Context, api adminv1.AdminServiceClient, issuer, id string) (*adminv1.Client, error) {
		return api.ResumeClient(ctx, &adminv1.ResumeClientRequest{Issuer: issuer, ClientId: id})
	})
}

func (c *call) change(ctx context.Context, by func(ctx context.Context, api adminv1.AdminServiceClient, issuer, id string) (*adminv1.Client, error)) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	client, err := by(ctx, api, issuer, c.arguments[0])
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(client)
	}
	fmt.Fprintf(c.Out, "%s is %s\n", plain(client.GetClientId()), stands(client))
	return nil
}

func yesFlag(c *call, flags *flag.FlagSet) {
	flags.BoolVar(&c.yes, "yes", false, "yes, end it: it cannot be undone")
}

func remove(ctx context.Context, c *call) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	if !c.yes {
		client, err := api.GetClient(ctx, &adminv1.GetClientRequest{Issuer: issuer, ClientId: c.arguments[0]})
		if err != nil {
			return err
		}
		return fault{fmt.Errorf("%s (%s) and all that it holds would be ended, which cannot be undone: add --yes, or suspend it",
			client.GetClientId(), dash(client.GetClientName()))}
	}
	if _, err := api.DeleteClient(ctx, &adminv1.DeleteClientRequest{Issuer: issuer, ClientId: c.arguments[0]}); err != nil {
		return err
	}
	if c.json {
		fmt.Fprintln(c.Out, "{}")
		return nil
	}
	fmt.Fprintf(c.Out, "%s is deleted\n", plain(c.arguments[0]))
	return nil
}
