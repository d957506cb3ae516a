package directory

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// Directory finds clients: in memory, else in the store. What is in memory is
// right only as of the generation that the marks tell, so that a key rotated
// away, a suspension or a deletion holds at the client's next use on every
// replica.
type Directory struct {
	clients store.Clients
	marks   store.Marks
	whose   Whose
	cache   *lru.Cache[cacheKey, *Client]
}

// cacheKey begins with the issuer: a client of one does not exist at another
// (BAD-38).
type cacheKey struct{ issuer, clientID string }

// maxAverage is how much memory each of the cached clients may take on average,
// in bytes: one with three keys takes about three quarters of it.
const maxAverage = 4 << 10

// Whose tells by which trust store certificates of clients are judged that came
// through a framework, or none, "", and how they write their subjects.
type Whose func(issuer, framework string) (store string, subjects names.Policy)

// New makes a directory that keeps at most capacity clients in memory, and fewer
// where many are large.
func New(clients store.Clients, marks store.Marks, whose Whose, capacity int) *Directory {
	return &Directory{clients: clients, marks: marks, whose: whose, cache: lru.New[cacheKey, *Client](capacity, capacity*maxAverage)}
}

// Recall is a client as remembered, perhaps out of date, or nil. Ask
// [Directory.Current] or [Directory.AsOf] before relying on it.
func (d *Directory) Recall(ctx context.Context, issuer, clientID string) (*Client, error) {
	if !ValidClientID(clientID) {
		return nil, nil
	}
	if client, ok := d.cache.Get(cacheKey{issuer, clientID}); ok {
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

// Forget empties the memory: the marks that kept it right may be lost.
func (d *Directory) Forget() { d.cache.Clear() }

// read takes the client from the store into memory, or out of it where the client
// is gone.
func (d *Directory) read(ctx context.Context, issuer, clientID string) (*Client, error) {
	record, found, err := d.clients.Get(ctx, issuer, clientID)
	if err != nil {
		return nil, err
	}
	if !found {
		d.cache.Remove(cacheKey{issuer, clientID})
		return nil, nil
	}
	trustStore, subjects := d.whose(issuer, record.Framework)
	client := fromRecord(issuer, trustStore, subjects, record)
	d.cache.Put(cacheKey{issuer, clientID}, client, weight(record))
	return client, nil
}
