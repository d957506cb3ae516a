package clientreg

import (
	"context"
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// SuspendClient keeps a client from being used. It ends something, so that it
// stands whether or not the trail can tell of it yet. A client that is suspended
// already stays so, and the trail is told again: the first time it may not have been.
func (a *admin) SuspendClient(ctx context.Context, req *adminv1.SuspendClientRequest) (*adminv1.Client, error) {
	client, changed, err := a.setActive(ctx, req.GetClientId(), false)
	if changed || err == nil {
		_ = a.audit.Record(ctx, audit.Event{Kind: audit.ClientSuspended, Actor: actor(ctx), ClientID: req.GetClientId()})
	}
	return client, err
}

// ResumeClient ends an operator's suspension. What the trust framework suspended
// stays suspended, and the answer shows it. Whoever was told 503 because the trail
// could not tell of it comes again, and is told so until it can.
func (a *admin) ResumeClient(ctx context.Context, req *adminv1.ResumeClientRequest) (*adminv1.Client, error) {
	client, changed, err := a.setActive(ctx, req.GetClientId(), true)
	if changed || err == nil {
		told := a.audit.Record(ctx, audit.Event{Kind: audit.ClientResumed, Actor: actor(ctx), ClientID: req.GetClientId()})
		err = errors.Join(err, told)
	}
	if err != nil {
		return nil, err
	}
	return client, nil
}

// setActive holds at the client's next use on every replica, as a change by
// RFC 7592 does: the new generation is announced before it is in force.
func (a *admin) setActive(ctx context.Context, clientID string, active bool) (client *adminv1.Client, changed bool, err error) {
	if _, err := a.find(ctx, clientID); err != nil {
		return nil, false, err
	}
	issuer := here(ctx).Name
	if changed, err = a.clients.SetActive(ctx, issuer, clientID, active, a.announce(ctx, issuer, clientID)); err != nil {
		return nil, false, err
	}
	if changed {
		a.log.InfoContext(ctx, "client set by an operator", "issuer", issuer, "client_id", clientID, "active", active, "operator", actor(ctx))
	}
	record, err := a.find(ctx, clientID)
	if err != nil {
		return nil, changed, err // what was done is told all the same
	}
	return shown(record), changed, nil
}

// DeleteClient ends a client as its own request does (RFC 7592 §2.3), however it
// stands. What others hold of it ends when they ask for it.
func (a *admin) DeleteClient(ctx context.Context, req *adminv1.DeleteClientRequest) (*adminv1.DeleteClientResponse, error) {
	record, err := a.find(ctx, req.GetClientId())
	if err != nil {
		return nil, err
	}
	issuer := here(ctx).Name
	found, err := a.clients.Remove(ctx, issuer, record.ClientID, a.announce(ctx, issuer, record.ClientID))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNoSuchClient // somebody was faster
	}
	a.log.InfoContext(ctx, "client deleted", "issuer", issuer, "client_id", record.ClientID, "operator", actor(ctx))
	_ = a.audit.Record(ctx, audit.Event{
		Kind: audit.ClientDeleted, Actor: actor(ctx), ClientID: record.ClientID, Framework: record.Framework, Participant: record.Participant,
	})
	return &adminv1.DeleteClientResponse{}, nil
}
