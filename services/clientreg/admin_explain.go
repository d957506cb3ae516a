package clientreg

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/rule"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/operators"
)

// maxRefusals bounds one answer.
const maxRefusals = 100

// searchTime is how long the trail is searched.
const searchTime = 10 * time.Second

var (
	errNoTrail       = status.Error(codes.FailedPrecondition, "clientreg keeps no audit trail: configure audit.folder, or look where the other services keep theirs")
	errSearches      = status.Error(codes.Unavailable, "others search the audit trail already: come again")
	errNoInteraction = status.Error(codes.InvalidArgument, "interaction_id must be the x-fapi-interaction-id of an answer: a UUID in lower case")
)

// ExplainRefusal searches the audit trail in this process's folder, which is the
// one record of refusals that outlives a restart. It holds error and rule, and
// neither description nor cause, which stand in the log. Refusals of other services
// are there where they share the folder.
func (a *admin) ExplainRefusal(ctx context.Context, req *adminv1.ExplainRefusalRequest) (*adminv1.ExplainRefusalResponse, error) {
	id := req.GetInteractionId()
	if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id {
		return nil, errNoInteraction
	}
	folder := a.audit.Folder()
	if folder == "" {
		return nil, errNoTrail
	}
	select {
	case a.searches <- struct{}{}:
		defer func() { <-a.searches }()
	case <-ctx.Done():
		return nil, errSearches
	}
	bounded, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	caller := operators.From(ctx)
	found, partial, err := audit.Refusals(bounded, folder, id, maxRefusals, func(line audit.Line) bool {
		return caller.Issuers == nil || line.Issuer != "" && caller.MayActFor(line.Issuer)
	})
	if err != nil {
		return nil, err
	}
	response := &adminv1.ExplainRefusalResponse{Folder: folder, Partial: partial}
	for _, f := range found {
		response.Refusals = append(response.Refusals, &adminv1.Refusal{
			Time: f.Time.Format(time.RFC3339Nano), Service: f.Service, Method: f.Method, Error: f.Error, Rule: cited(f.Rule),
			ClientId: f.ClientID, Issuer: f.Issuer, Line: fmt.Sprintf("%s number %d", f.Chain, f.Seq),
		})
	}
	return response, nil
}

// cited is a rule with what it asks for; nil for none.
func cited(id string) *adminv1.Rule {
	if id == "" {
		return nil
	}
	cited := &adminv1.Rule{Id: id}
	for _, r := range rule.Find(id) {
		cited.Sentences = append(cited.Sentences, &adminv1.Sentence{Text: r.Text, Source: r.Source})
	}
	return cited
}
