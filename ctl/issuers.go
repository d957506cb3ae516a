package ctl

import (
	"context"
	"fmt"
	"strings"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

func issuers(ctx context.Context, c *call) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	all, err := api.ListIssuers(ctx, &adminv1.ListIssuersRequest{})
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(all)
	}
	var rows [][]string
	for _, i := range all.GetIssuers() {
		var gates []string
		for _, gate := range i.GetRegistrationGates() {
			gates = append(gates, strings.Join(gate.GetRequire(), "+"))
		}
		rows = append(rows, []string{i.GetName(), i.GetProfile(), strings.Join(i.GetFrameworks(), ","), strings.Join(gates, " or "), i.GetIssuer()})
	}
	c.table("NAME PROFILE FRAMEWORKS REGISTRATION ISSUER", rows)
	return nil
}

func frameworks(ctx context.Context, c *call) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	all, err := api.ListFrameworks(ctx, &adminv1.ListFrameworksRequest{Issuer: issuer})
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(all)
	}
	var rows [][]string
	for _, f := range all.GetFrameworks() {
		rows = append(rows, []string{f.GetName(), f.GetIssuer(), f.GetJwksUri() + f.GetJwksFile(), f.GetParticipantsUri(), f.GetDuplicates()})
	}
	c.table("NAME ISS KEYS PARTICIPANTS DUPLICATES", rows)
	return nil
}

func checkIssuer(ctx context.Context, c *call) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	found, err := api.CheckIssuer(ctx, &adminv1.CheckIssuerRequest{Issuer: issuer})
	if err != nil {
		return err
	}
	return c.findings(found)
}

func checkFramework(ctx context.Context, c *call) error {
	api, issuer, err := c.at(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	found, err := api.CheckFramework(ctx, &adminv1.CheckFrameworkRequest{Issuer: issuer, Framework: c.arguments[0]})
	if err != nil {
		return err
	}
	return c.findings(found)
}

func (c *call) findings(found *adminv1.Findings) error {
	if c.json {
		if err := c.printJSON(found); err != nil {
			return err
		}
	} else {
		for _, f := range found.GetFindings() {
			mark := "+"
			if !f.GetOk() {
				mark = "!"
			}
			fmt.Fprintf(c.Out, "%s %s: %s\n", mark, plain(f.GetSubject()), plain(f.GetDetail()))
		}
	}
	if !found.GetOk() {
		return errWrong
	}
	return nil
}
