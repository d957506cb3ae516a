package directory

import (
	"context"

	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// Directory finds clients: in memory, else in the store. What is in memory is
// right only as of the generation that the marks tell, so that a key rotated
// away, a suspension or a deletion holds at the client's next use on every
// replica.
type Directory struct {
	clients store.Clients
	marks   store.Marks
	cache   *cache
}

// New makes a directory that keeps at most capacity clients in memory.
func New(clients store.Clients, marks store.Marks, capacity int) *Directory {
	return &Directory{clients: clients, marks: marks, cache: newCache(capacity)}
}

// Recall is a client as remembered, perhaps out of date, or nil. Ask
// [Directory.Current] or [Directory.AsOf] before relying on it.
func (d *Directory) Recall(ctx context.Context, issuer, clientID string) (*Client, error) {
	if !ValidClientID(clientID) {
		return nil, nil
	}
	if client := d.cache.get(cacheKey{issuer, clientID}); client != nil {
		return client, nil
	}
	return d.read(ctx, issuer, clientID)
}

// Current is the client as it is now: known itself where that is right, or nil
// where the client is gone.
func (d *Directory) Current(ctx context.Context, known *Client) (*Client, error) {
	generation, err := d.marks.Generation(ctx, known.Issuer, known.ID())
	if err != nil {
		return nil, err
	}
	return d.AsOf(ctx, known, generation)
}

// AsOf is Current for who has the generation from the marks already.
func (d *Directory) AsOf(ctx context.Context, known *Client, generation int64) (*Client, error) {
	if generation != 0 && generation <= known.Public.GetGeneration() {
		return known, nil
	}
	client, err := d.read(ctx, known.Issuer, known.ID())
	if err != nil || client == nil {
		return nil, err
	}
	if generation == 0 {
		err = d.marks.Announce(ctx, client.Issuer, client.ID(), client.Public.GetGeneration())
	}
	return client, err
}

// read takes the client from the store into memory. One that is gone leaves
// memory by itself: it is not used any more.
func (d *Directory) read(ctx context.Context, issuer, clientID string) (*Client, error) {
	record, found, err := d.clients.Get(ctx, issuer, clientID)
	if err != nil || !found {
		return nil, err
	}
	client := fromRecord(issuer, record)
	d.cache.put(client)
	return client, nil
}
