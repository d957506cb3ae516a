package clientreg

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/operators"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// Sizes of a page.
const (
	defaultPage = 50
	maxPage     = 500
)

// maxFilter bounds what is looked for, in bytes: no participant has a longer name.
const maxFilter = 256

var states = map[adminv1.ListClientsRequest_State]store.Wanted{
	adminv1.ListClientsRequest_STATE_UNSPECIFIED: {},
	adminv1.ListClientsRequest_STATE_SERVING:     {Serving: true},
	adminv1.ListClientsRequest_STATE_SUSPENDED:   {Suspended: true},
}

// ListClients answers one page.
func (a *admin) ListClients(ctx context.Context, req *adminv1.ListClientsRequest) (*adminv1.ListClientsResponse, error) {
	wanted, known := states[req.GetState()]
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPage
	}
	if !known || size < 0 || size > maxPage {
		return nil, status.Errorf(codes.InvalidArgument, "state must be one of the contract's, and page_size 1 to %d", maxPage)
	}
	for _, filter := range []string{req.GetFramework(), req.GetParticipant()} {
		if strings.ContainsRune(filter, 0) || !utf8.ValidString(filter) || len(filter) > maxFilter {
			return nil, status.Errorf(codes.InvalidArgument, "framework and participant must be text of at most %d bytes", maxFilter)
		}
	}
	wanted.Framework, wanted.Participant = req.GetFramework(), req.GetParticipant()
	list := []string{here(ctx).Name, wanted.Framework, wanted.Participant, strconv.Itoa(int(req.GetState()))}
	after, err := operators.After(req.GetPageToken(), list...)
	if err != nil {
		return nil, err
	}
	records, err := a.clients.List(ctx, here(ctx).Name, wanted, after, size+1) // one more tells whether there is a next page
	if err != nil {
		return nil, err
	}
	response := &adminv1.ListClientsResponse{}
	if len(records) > size {
		records = records[:size]
		response.NextPageToken = operators.PageToken(records[size-1].ClientID, list...)
	}
	for _, record := range records {
		response.Clients = append(response.Clients, shown(record))
	}
	return response, nil
}

// GetClient answers one client, however it stands.
func (a *admin) GetClient(ctx context.Context, req *adminv1.GetClientRequest) (*adminv1.Client, error) {
	record, err := a.find(ctx, req.GetClientId())
	if err != nil {
		return nil, err
	}
	return whole(record)
}

// find reads a client from the store.
func (a *admin) find(ctx context.Context, clientID string) (store.Record, error) {
	if !directory.ValidClientID(clientID) {
		return store.Record{}, errNoSuchClient
	}
	record, found, err := a.clients.Get(ctx, here(ctx).Name, clientID)
	if err == nil && !found {
		err = errNoSuchClient
	}
	return record, err
}
