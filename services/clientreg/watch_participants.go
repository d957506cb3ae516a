package clientreg

import (
	"context"
	"errors"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/participants"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// watched is one document and who relies on it.
type watched struct {
	document *framework.Participants
	// by are issuers and frameworks, by name.
	by []struct{ issuer, framework string }
}

// watchedDocuments are those of all issuers: what several of them share is asked
// for once.
func (r *registry) watchedDocuments() map[string]*watched {
	documents := map[string]*watched{}
	for _, i := range r.issuers.All() {
		for n := range i.TrustFrameworks {
			f := &i.TrustFrameworks[n]
			if f.Participants == nil {
				continue
			}
			key := participants.Key(f.Participants)
			if documents[key] == nil {
				documents[key] = &watched{document: f.Participants}
			}
			documents[key].by = append(documents[key].by, struct{ issuer, framework string }{i.Name, f.Name})
		}
	}
	return documents
}

// watchParticipants asks each directory at its interval who takes part, until ctx
// ends: a participant that it has suspended is then suspended here, with all its
// clients, and one that it has let in again is not.
func (r *registry) watchParticipants(ctx context.Context) {
	for _, w := range r.watchedDocuments() {
		go func() {
			ticker := time.NewTicker(w.document.Interval)
			defer ticker.Stop()
			for { // not at once: what starts together with us may not answer yet
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
				}
				r.logFault(ctx, w, r.follow(ctx, w))
			}
		}()
	}
}

func (r *registry) logFault(ctx context.Context, w *watched, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "participants not followed; clients stay as they are", "framework", w.by[0].framework, "cause", err)
	}
}

// follow asks once, and has clients as the answer says.
func (r *registry) follow(ctx context.Context, w *watched) error {
	list, err := r.participants.Fetch(ctx, w.document)
	if err != nil {
		return err
	}
	var faults []error
	for _, by := range w.by {
		faults = append(faults, r.followAt(ctx, by.issuer, by.framework, list))
	}
	return errors.Join(faults...)
}

func (r *registry) followAt(ctx context.Context, issuer, framework string, list participants.List) error {
	standing, err := r.clients.Participants(ctx, issuer, framework)
	if err != nil {
		return err
	}
	for _, p := range standing {
		if p.Withdrawn == !list[p.ID] {
			continue
		}
		p.Withdrawn = !p.Withdrawn
		changed, err := r.clients.Withdraw(ctx, issuer, p, func(clientID string, generation int64) error {
			return r.marks.Announce(ctx, issuer, clientID, generation)
		})
		if err != nil {
			r.recordFollowed(ctx, issuer, p, changed) // those before the fault
			return err
		}
		r.log.InfoContext(ctx, "clients follow their participant", "issuer", issuer, "framework", framework,
			"participant", p.ID, "suspended", p.Withdrawn, "clients", len(changed))
		r.recordFollowed(ctx, issuer, p, changed)
	}
	return nil
}

// recordFollowed writes down which clients followed. They have, whether or not the
// trail can tell of it yet.
func (r *registry) recordFollowed(ctx context.Context, issuer string, p store.Participant, clients []string) {
	kind := audit.ClientResumed
	if p.Withdrawn {
		kind = audit.ClientSuspended
	}
	for _, clientID := range clients {
		_ = r.audit.Record(ctx, audit.Event{
			Kind: kind, Issuer: issuer, Actor: "framework:" + p.Framework, ClientID: clientID, Framework: p.Framework, Participant: p.ID,
		})
	}
}
